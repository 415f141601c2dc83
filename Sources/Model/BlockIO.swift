/// What a request to a block device does.  Raw values are the kernel's (`enum req_op`) and part of the recording's
/// format.
public enum RequestOperation: UInt8, Sendable, CaseIterable {
    case read = 0
    case write = 1
    case flush = 2
    case discard = 3
    case secureErase = 5
    case zoneAppend = 7
    case writeZeroes = 9
    /// Anything else: operations on zones, commands of a driver.
    case other = 255

    public var name: String {
        switch self {
        case .secureErase: "secure_erase"
        case .zoneAppend: "zone_append"
        case .writeZeroes: "write_zeroes"
        default: String(describing: self)
        }
    }
}

/// Who submitted requests: any thread of the host, a target or not.
public struct BlockSubmitter: Sendable, Hashable {
    /// Host process and thread ids; 0 if an interrupt submitted them.
    public var pid: UInt32
    public var tid: UInt32
    public var comm: String
    /// The cgroup to whose account the kernel put them, which with write-back is not that of the thread that
    /// submitted them; empty where the kernel does not tell.
    public var cgroup: String

    public init(pid: UInt32, tid: UInt32, comm: String, cgroup: String = "") {
        self.pid = pid
        self.tid = tid
        self.comm = comm
        self.cgroup = cgroup
    }
}

/// Requests of one submitter to one block device in one tick.  Times are nanoseconds.
public struct BlockSample: Sendable, Equatable {
    /// As in ``WaitSubject/device``; always a whole disk.
    public var device: UInt32
    public var operation: RequestOperation
    public var submitter: BlockSubmitter
    /// Completed in this tick, with what they moved.
    public var requests: UInt64 = 0
    public var bytes: UInt64 = 0
    /// Blocks of data that became part of a request which was there already.
    public var merges: UInt64 = 0
    /// Requests before which the device had to write back its own cache.
    public var flushes: UInt64 = 0
    public var errors: UInt64 = 0
    /// From submission to the device, and from there to completion, of those that were completed.
    public var queueTotal: UInt64 = 0
    public var deviceTotal: UInt64 = 0
    /// The longest of both together.
    public var longest: UInt64 = 0
    public var queueLengths = Histogram()
    public var deviceLengths = Histogram()
    /// Not completed when the tick ended, and for how long those had been under way, together.
    public var inFlight: UInt64 = 0
    public var inFlightTotal: UInt64 = 0

    public init(device: UInt32, operation: RequestOperation, submitter: BlockSubmitter) {
        self.device = device
        self.operation = operation
        self.submitter = submitter
    }
}

extension BlockSample {
    /// The two samples' sums; they have device, operation and submitter in common.
    public static func + (left: BlockSample, right: BlockSample) -> BlockSample {
        var sum = left
        sum.requests += right.requests
        sum.bytes += right.bytes
        sum.merges += right.merges
        sum.flushes += right.flushes
        sum.errors += right.errors
        sum.queueTotal += right.queueTotal
        sum.deviceTotal += right.deviceTotal
        sum.longest = max(left.longest, right.longest)
        sum.queueLengths += right.queueLengths
        sum.deviceLengths += right.deviceLengths
        sum.inFlight += right.inFlight
        sum.inFlightTotal += right.inFlightTotal
        return sum
    }
}
