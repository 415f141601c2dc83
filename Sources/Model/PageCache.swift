/// What a process did with a file in the page cache, in one tick.  All numbers are pages.
public struct PageCacheSample: Sendable, Equatable {
    /// Host id of a target; 0: all other processes together.
    public var pid: UInt32
    /// Name of the process; empty for all others.
    public var comm: String
    /// ``Resource/id`` of the file.
    public var file: Int64
    /// Asked for by reads and page faults; nil where the kernel does not tell.
    public var lookups: UInt64?
    /// Those of them that were not there and were read in; nil where the kernel does not tell.
    public var misses: UInt64?
    /// All that was read in: misses, and what was read ahead.
    public var readIn: UInt64 = 0
    public var dirtied: UInt64 = 0
    public var written: UInt64 = 0
    public var evicted: UInt64 = 0

    /// A read is counted where it ends, so one that lasts over a tick may have its misses in another than its look-up.
    public var hits: UInt64? { lookups.map { $0 - min($0, misses ?? 0) } }
    public var readAhead: UInt64? { misses.map { readIn - min(readIn, $0) } }

    public init(pid: UInt32, comm: String, file: Int64) {
        self.pid = pid
        self.comm = comm
        self.file = file
    }
}

/// How much of a file was in the page cache when a tick ended.
public struct ResidencySample: Sendable, Equatable {
    /// ``Resource/id`` of the file.
    public var file: Int64
    /// Bytes.
    public var size: UInt64
    /// Pages.
    public var cached: UInt64
    public var dirty: UInt64
    public var underWriteBack: UInt64

    public init(file: Int64, size: UInt64, cached: UInt64, dirty: UInt64, underWriteBack: UInt64) {
        self.file = file
        self.size = size
        self.cached = cached
        self.dirty = dirty
        self.underWriteBack = underWriteBack
    }
}
