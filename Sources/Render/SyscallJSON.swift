import Recording

/// System calls in a report as JSON.
struct SyscallPart: Encodable {
    var pid, tid: UInt32
    var process, thread: Int64
    var comm, processComm, syscall: String
    var operation: String?
    var calls, errors, totalNs, maxNs, bytes: UInt64
    /// Of a futex's wakes.
    var wakesOfSomeone, wakesOfNobody, woken: UInt64?
    var histogram: [UInt32]

    init(_ total: SyscallTotal) {
        (pid, tid, process, thread) = (total.pid, total.tid, total.process, total.thread)
        (comm, processComm, syscall) = (total.comm, total.processComm, total.syscall)
        (operation, calls, errors) = (total.operation, total.calls, total.errors)
        (totalNs, maxNs, bytes) = (total.total, total.longest, total.bytes)
        (wakesOfSomeone, wakesOfNobody) = (total.wakes?.ofSomeone, total.wakes?.ofNobody)
        (woken, histogram) = (total.wakes?.woken, total.lengths.counts)
    }
}

/// What went through a socket or pipe in a report as JSON.
struct TrafficPart: Encodable {
    var pid: UInt32
    var process: Int64
    var processComm: String
    var resourceId: Int64
    var resource: String?
    var readCalls, readBytes, writeCalls, writeBytes: UInt64

    init(_ total: TrafficTotal) {
        (pid, process, processComm) = (total.pid, total.process, total.processComm)
        (resourceId, resource) = (total.resourceID, total.resource)
        (readCalls, readBytes) = (total.readCalls, total.readBytes)
        (writeCalls, writeBytes) = (total.writeCalls, total.writeBytes)
    }
}
