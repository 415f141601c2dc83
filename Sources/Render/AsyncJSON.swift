import Model
import Recording

/// Requests of io_uring or aio in a report as JSON.
struct AsyncPart: Encodable {
    var pid, ownerPid: UInt32?
    var process: Int64?
    var processComm: String?
    var resourceId: Int64
    var resource: String?
    var fileId: Int64?
    var file, operation, issued: String?
    var count, errors, totalNs, maxNs, inFlight, untold: UInt64
    /// Of io_uring.
    var completions, unreapedMax: UInt64?
    var histogram: [UInt32]

    init(_ total: AsyncTotal) {
        if total.pid != 0 { (pid, process, processComm) = (total.pid, total.process, total.processComm) }
        (resourceId, resource, ownerPid) = (total.sample.ring, total.ring, total.ownerPID)
        if total.sample.file != 0 { (fileId, file) = (total.sample.file, total.file) }
        (operation, count, errors) = (total.operation, total.sample.requests, total.sample.errors)
        (totalNs, maxNs, inFlight, untold) = (
            total.sample.total, total.sample.longest, total.sample.inFlight, total.sample.untold
        )
        if total.sample.issue != .aio {
            (completions, unreapedMax) = (total.sample.completions, total.sample.unreaped)
            issued = total.pid == 0 ? nil : total.sample.issue.name
        }
        histogram = total.sample.lengths.counts
    }
}
