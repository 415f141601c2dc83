import BPF
import Model
import ProbeRecords

extension PageCacheSample {
    /// - Parameter hasLookups: whether this kernel tells what reads and page faults ask for.
    init(key: stall_page_key, sums: stall_page_sums, hasLookups: Bool) {
        self.init(pid: key.pid, comm: key.pid == 0 ? "" : text(sums.comm), file: Int64(key.resource))
        if hasLookups {
            lookups = sums.lookups
            misses = sums.misses
        }
        readIn = sums.misses &+ sums.read_ahead
        dirtied = sums.dirtied
        written = sums.written
        evicted = sums.evicted
    }
}

extension KernelPlane {
    /// What happened in the page cache in the tick that ended last, by process and file.
    public func takePageCache(_ receive: (PageCacheSample) -> Void) throws(BPFError) {
        try pages?.drain(tick: endedTick) { key, sums in
            receive(PageCacheSample(key: key, sums: sums, hasLookups: hasPageLookups))
        }
    }
}
