import Logging
import Model
import Netlink
import ProcFS

/// The kernel's own account of the targets' threads, and of every thread that ends.
public final class TaskAccounts {
    /// For the help of `record`.
    public static let cost = "some 20 us of the recorder's time a tick for each thread that ran"

    private let taskstats: Taskstats
    private let proc: HostFiles
    private let logger: Logger
    private var table = AccountTable()
    private var lostQueries: UInt64 = 0
    private var lastError = ""
    /// Given each exit record as it comes, targets' or not.
    var onExit: ((TaskStatistics) -> Void)?

    /// - Parameter delaysSince: wall-clock nanoseconds from which on delays are accounted for; nil: they are not; 0: since
    ///   before anything that runs.
    public init(delaysSince: UInt64?, files: HostFiles = HostFiles(), logger: Logger) throws(NetlinkError) {
        let cpus = files.sys("devices/system/cpu/possible")
        taskstats = try Taskstats(exitsOnCPUs: cpus ?? "0")
        proc = files
        self.logger = logger
        table.delaysSince = delaysSince
    }

    /// Whether the kernel accounts for delays now.
    public static func countsDelays(_ files: HostFiles = HostFiles()) -> Bool {
        files.proc("sys/kernel/task_delayacct") == "1"
    }

    func begin(with versions: [ThreadVersion]) { table.begin(with: versions, ask: counters) }

    /// Reads what has come since.  What fails is told with the losses of the tick.
    func readExits() {
        do {
            try taskstats.takeExits { exit in
                table.add(exit: exit)
                onExit?(exit)
            }
        } catch { fail(error) }
    }

    /// Adds what the kernel accounted for in a tick, and what of it was lost, to all else of the tick.
    func complete(_ batch: inout TickBatch) {
        noteDelayAccounting(at: batch.tick.time)
        batch.accounts = table.samples(of: batch, ask: counters)
        for loss in takeLosses(at: batch.tick.time) {
            logger.warning("\(loss.count) \(loss.what) lost in the \(loss.place). \(loss.advice)")
            batch.losses.append(loss)
        }
    }

    private func takeLosses(at time: UInt64) -> [Loss] {
        var losses: [Loss] = []
        let records = taskstats.takeLost()
        if records > 0 {
            losses.append(
                Loss(
                    time: time, what: "exit records", place: "netlink socket", count: UInt64(records),
                    advice:
                        "More threads ended on this host than the collector could read of in time; the view "
                        + "`taskstats` lacks the last stretch of some. Nothing else is missing."))
        }
        if table.impossible > 0 {
            losses.append(
                Loss(
                    time: time, what: "delays of threads", place: "kernel's account", count: table.impossible,
                    advice:
                        "The kernel told delays longer than the thread's life, as Linux 6.18 does at times when "
                        + "it misses their beginning; they are NULL. Nothing else is missing."))
            table.impossible = 0
        }
        if lostQueries > 0 {
            losses.append(
                Loss(
                    time: time, what: "taskstats of threads", place: "netlink socket", count: lostQueries,
                    advice: lastError))
            lostQueries = 0
        }
        return losses
    }

    private func counters(of tid: UInt32) -> TaskCounters? {
        do { return try taskstats.ofThread(tid)?.counters } catch {
            fail(error)
            return nil
        }
    }

    private func fail(_ error: NetlinkError) {
        lostQueries += 1
        lastError = error.description
    }

    /// Somebody else may turn it on or off at any time.
    private func noteDelayAccounting(at time: UInt64) {
        let isOn = Self.countsDelays(proc)
        guard isOn != (table.delaysSince != nil) else { return }
        table.delaysSince = isOn ? time : nil
        logger.notice("kernel.task_delayacct was turned \(isOn ? "on" : "off")")
    }
}
