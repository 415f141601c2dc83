import GRDB
import Model

/// Numbers and text of rows.  A damaged file can hold anything in any column, so nothing here traps.
extension Row {
    func integer(_ column: String) -> Int64 {
        (self[column] as DatabaseValue?).flatMap(Int64.fromDatabaseValue) ?? 0
    }
    func unsigned(_ column: String) -> UInt64 { UInt64(clamping: integer(column)) }
    func id(_ column: String) -> UInt32 { UInt32(clamping: integer(column)) }
    func optionalUnsigned(_ column: String) -> UInt64? {
        (self[column] as DatabaseValue?).flatMap(Int64.fromDatabaseValue).map { UInt64(clamping: $0) }
    }
    func text(_ column: String) -> String { optionalText(column) ?? "" }
    func optionalText(_ column: String) -> String? {
        (self[column] as DatabaseValue?).flatMap(String.fromDatabaseValue)
    }
    func integer(at index: Int) -> Int64 { optionalInteger(at: index) ?? 0 }
    func unsigned(at index: Int) -> UInt64 { UInt64(clamping: integer(at: index)) }
    func optionalInteger(at index: Int) -> Int64? {
        // Asking for the value's own type first keeps this fast, and safe from what a damaged file holds.
        if case .int64(let value) = (self[index] as DatabaseValue).storage { value } else { nil }
    }
    func real(at index: Int) -> Double {
        switch (self[index] as DatabaseValue).storage {
        case .int64(let value): Double(value)
        case .double(let value): value
        default: 0
        }
    }
    func text(at index: Int) -> String? {
        if case .string(let value) = (self[index] as DatabaseValue).storage { value } else { nil }
    }
    func histogram(_ column: String) -> Histogram { Histogram(json: optionalText(column)) }
}

extension ThreadSample {
    /// Columns of `thread_seconds`, or sums of the same names.
    init(row: Row) {
        self.init()
        alive = row.unsigned("alive_ns")
        onCPU = row.unsigned("on_cpu_ns")
        waking = row.unsigned("waking_ns")
        runQueue = row.unsigned("run_queue_ns")
        stolen = row.unsigned("stolen_ns")
        uninterruptible = row.unsigned("uninterruptible_ns")
        interruptible = row.unsigned("blocked_ns") &- uninterruptible
        ioWait = row.unsigned("io_wait_ns")
        voluntarySwitches = row.unsigned("voluntary_switches")
        involuntarySwitches = row.unsigned("involuntary_switches")
        wakeups = row.unsigned("wakeups")
        waitsWithoutWaker = row.unsigned("waits_without_waker")
        missedSwitches = row.unsigned("missed_switches")
        migrations = row.unsigned("migrations")
        minorFaults = row.unsigned("minor_faults")
        majorFaults = row.unsigned("major_faults")
        bursts = row.unsigned("bursts")
        burstTotal = row.unsigned("burst_total_ns")
        longestBurst = row.unsigned("burst_max_ns")
        burstLengths = row.histogram("burst_histogram")
        wakeGaps = row.unsigned("wake_gaps")
        wakeGapTotal = row.unsigned("wake_gap_total_ns")
        wakeGapLengths = row.histogram("wake_gap_histogram")
        wakings = row.unsigned("wakings")
        longestWaking = row.unsigned("waking_max_ns")
        wakingLengths = row.histogram("waking_histogram")
        runQueues = row.unsigned("run_queues")
        longestRunQueue = row.unsigned("run_queue_max_ns")
        runQueueLengths = row.histogram("run_queue_histogram")
        kernelOnCPU = row.unsigned("kernel_on_cpu_ns")
        kernelRunQueue = row.unsigned("kernel_run_queue_ns")
    }
}

extension ThreadSecond {
    init(row: Row) {
        self.init(
            time: row.unsigned("time_ns"), tick: row.integer("tick"), pid: row.id("pid"), tid: row.id("tid"),
            process: row.integer("process"), thread: row.integer("thread"), comm: row.text("comm"),
            processComm: row.text("process_comm"), sample: ThreadSample(row: row))
    }
}

extension WaitRow {
    init(row: Row) {
        self.init(time: row.unsigned("time_ns"), tick: row.integer("tick"), wait: WaitTotal(row: row))
    }
}

extension WaitTotal {
    init(row: Row) {
        self.init(
            process: row.integer("process"), thread: row.integer("thread"), pid: row.id("pid"),
            tid: row.id("tid"), comm: row.text("comm"), processComm: row.text("process_comm"),
            kind: row.optionalText("kind") ?? "unknown", direction: row.optionalText("direction"),
            syscall: row.optionalText("syscall"), isUninterruptible: row.integer("uninterruptible") != 0,
            resourceID: row.integer("resource_id"), resource: row.optionalText("resource"),
            device: row.optionalText("device"), memberID: row.integer("member_id"),
            member: row.optionalText("member"),
            wakerKind: row.optionalText("waker_kind") ?? "unknown",
            wakerPID: row.optionalUnsigned("waker_pid").map { UInt32(clamping: $0) },
            wakerTID: row.optionalUnsigned("waker_tid").map { UInt32(clamping: $0) },
            wakerComm: row.optionalText("waker_comm"), timedOut: row.integer("timed_out") != 0,
            count: row.unsigned("count"), total: row.unsigned("total_ns"), longest: row.unsigned("max_ns"),
            lengths: row.histogram("histogram"))
    }
}

extension ProcessRow {
    init(row: Row) {
        self.init(
            version: ProcessVersion(
                id: row.integer("id"), process: row.integer("process"), since: row.unsigned("since_ns"),
                pid: row.id("pid"), parentPID: row.id("parent_pid"), namespacePID: row.id("namespace_pid"),
                started: row.unsigned("started_ns"), comm: row.text("comm"),
                commandLine: row.text("command_line"), executable: row.text("executable"),
                cgroup: row.text("cgroup"), container: row.text("container"), pod: row.text("pod"),
                uid: row.id("uid")),
            until: row.optionalUnsigned("until_ns"), ended: row.optionalUnsigned("ended_ns"),
            exitStatus: row.optionalUnsigned("exit_status").map { Int32(clamping: $0) },
            exitSignal: row.optionalUnsigned("exit_signal").map { Int32(clamping: $0) })
    }
}

extension ThreadRow {
    init(row: Row) {
        self.init(
            version: ThreadVersion(
                id: row.integer("id"), thread: row.integer("thread"), process: row.integer("process"),
                since: row.unsigned("since_ns"), tid: row.id("tid"), namespaceTID: row.id("namespace_tid"),
                started: row.unsigned("started_ns"), comm: row.text("comm")),
            until: row.optionalUnsigned("until_ns"), ended: row.optionalUnsigned("ended_ns"))
    }
}

extension TargetRow {
    init(row: Row) {
        self.init(
            time: row.unsigned("time_ns"), pid: row.id("pid"),
            process: row.optionalUnsigned("process").map { Int64(clamping: $0) },
            comm: row.optionalText("comm"), event: row.text("event"),
            isRoot: row.integer("root") != 0, reason: row.text("reason"))
    }
}

extension WaitSubject {
    /// The columns that all tables of waits have.
    init(kind: Int64, syscall: Int64, direction: Int64, flags: Int64, resource: Int64, device: Int64) {
        self.init(
            kind: WaitKind(rawValue: UInt8(clamping: kind)) ?? .other, syscall: Int16(clamping: syscall),
            direction: WaitDirection(rawValue: UInt8(clamping: direction)) ?? .none,
            isUninterruptible: flags & 1 != 0, isIO: flags & 2 != 0, resource: resource,
            device: UInt32(clamping: device))
    }
}
