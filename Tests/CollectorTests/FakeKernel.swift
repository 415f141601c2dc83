import Model
import ProbeRecords
import ProcFS

@testable import Collector
@testable import Probes

/// Records as the kernel side writes them.
enum FakeKernel {
    static let second: UInt64 = 1_000_000_000

    static func birth(
        _ thread: UInt32, pid: UInt32, tid: UInt32, parent: UInt32 = 1, at: UInt64 = 0, comm: String = "app",
        reason: stall_birth_reason = STALL_BIRTH_ADOPTED
    ) -> KernelEvent {
        var record = stall_birth()
        record.type = STALL_EVENT_BIRTH.rawValue
        record.thread = thread
        record.pid = pid
        record.tid = tid
        record.parent_pid = parent
        record.at = at
        record.started = at
        record.process_started = at
        record.reason = reason.rawValue
        write(comm, to: &record.comm)
        write(comm, to: &record.leader_comm)
        return event(record)
    }

    static func exec(
        _ thread: UInt32, pid: UInt32, at: UInt64, comm: String, path: String, arguments: [String]
    ) -> KernelEvent {
        var record = stall_exec()
        record.type = STALL_EVENT_EXEC.rawValue
        record.thread = thread
        record.pid = pid
        record.tid = pid
        record.at = at
        write(comm, to: &record.comm)
        write(path, to: &record.path)
        let line = arguments.map { $0 + "\0" }.joined()
        write(line, to: &record.args)
        record.args_len = UInt32(line.utf8.count)
        return event(record)
    }

    static func rename(_ thread: UInt32, to comm: String, at: UInt64) -> KernelEvent {
        var record = stall_rename()
        record.type = STALL_EVENT_RENAME.rawValue
        record.thread = thread
        record.at = at
        write(comm, to: &record.comm)
        return event(record)
    }

    static func moved(
        _ thread: UInt32, pid: UInt32, at: UInt64, to cgroup: String = "", hierarchy: UInt32 = 0
    )
        -> KernelEvent
    {
        var record = stall_move()
        record.type = STALL_EVENT_MOVED.rawValue
        record.thread = thread
        record.pid = pid
        record.at = at
        record.hierarchy = hierarchy
        withUnsafeMutableBytes(of: &record.path) { $0.copyBytes(from: cgroup.utf8) }
        record.length = UInt32(cgroup.utf8.count + 1)
        return event(record)
    }

    /// A sample whose time is on CPU but for its waits.
    /// - Parameters:
    ///   - waits: what the thread was blocked in, as far as it is named in the sample.
    ///   - unnamed: nanoseconds of blocked time beyond those.
    ///   - waiting: it is still blocked in the end, in a wait of this kind.
    ///   - carried: what ended the wait that it began the tick with.
    ///   - exitCode: it is the last sample.
    static func sample(
        _ thread: UInt32, pid: UInt32, tid: UInt32, second from: UInt64 = 0, waits: [stall_wait] = [],
        unnamed: UInt64 = 0, waiting: stall_wait_kind? = nil, carried: stall_waker_kind? = nil,
        exitCode: Int32? = nil
    ) -> SampleRecord {
        var record = stall_sample()
        record.type = STALL_EVENT_SAMPLE.rawValue
        record.thread = thread
        record.pid = pid
        record.tid = tid
        record.from = from * second
        record.to = (from + 1) * second
        record.interruptible = waits.reduce(unnamed) { $0 + $1.value.total }
        record.on_cpu = second - record.interruptible
        withUnsafeMutableBytes(of: &record.waits) { place in
            let slots = place.bindMemory(to: stall_wait.self)
            for (slot, wait) in waits.enumerated() {
                slots[slot] = wait
                slots[slot].key.thread = thread
            }
        }
        record.state = UInt8((waiting == nil ? STALL_STATE_ON_CPU : STALL_STATE_BLOCKED).rawValue)
        if let waiting { record.waiting = key(thread, waiting) }
        if let carried {
            record.carried = 1
            record.carried_waker_kind = carried.rawValue
            record.carried_waker_pid = 900
            record.carried_waker_tid = 901
            write("waker", to: &record.carried_waker_comm)
        }
        if let exitCode {
            record.final = 1
            record.exit_code = exitCode
        }
        return withUnsafeBytes(of: record) { SampleRecord($0) }
    }

    /// - Parameter waker: pending: it goes on.
    static func wait(
        _ kind: stall_wait_kind, _ total: UInt64, count: UInt64 = 1,
        waker: stall_waker_kind = STALL_WAKER_TIMER
    ) -> stall_wait {
        var wait = stall_wait()
        wait.key = key(0, kind)
        wait.key.waker_kind = UInt8(waker.rawValue)
        wait.value.count = waker == STALL_WAKER_PENDING ? 0 : count
        wait.value.total = total
        return wait
    }

    static func spilled(_ kind: stall_wait_kind, _ total: UInt64) -> WaitRecord {
        let wait = wait(kind, total)
        return WaitRecord(key: wait.key, value: wait.value)
    }

    private static func key(_ thread: UInt32, _ kind: stall_wait_kind) -> stall_wait_key {
        var key = stall_wait_key()
        key.thread = thread
        key.kind = UInt8(kind.rawValue)
        key.syscall = 202
        return key
    }

    private static func event<Record: BitwiseCopyable>(_ record: Record) -> KernelEvent {
        guard let event = withUnsafeBytes(of: record, { KernelEvent($0) }) else {
            preconditionFailure("a record of a type that the decoder does not know")
        }
        return event
    }

    private static func write<Characters: BitwiseCopyable>(_ text: String, to place: inout Characters) {
        withUnsafeMutableBytes(of: &place) { $0.copyBytes(from: Array(text.utf8).prefix($0.count - 1)) }
    }
}

/// /proc, as a table.
final class FakeProcesses: ProcessFactsSource {
    var quotas: [UInt32: CPUQuota] = [:]

    func cgroup(of pid: UInt32) -> String? { facts[pid]?.cgroup }
    func cpuQuota(of pid: UInt32) -> CPUQuota? { quotas[pid] }

    var facts: [UInt32: ProcessFacts] = [:]
    var alive: Set<UInt32> = []

    func facts(of pid: UInt32) -> ProcessFacts? { facts[pid] }
    func lockOwner(pid: UInt32, tid: UInt32) -> UInt32? { nil }
    func isAlive(pid: UInt32, tid: UInt32) -> Bool { alive.contains(tid) }
}

/// Resources of a host that has none.
final class FakeResources: ResourceFactsSource {
    var paths: [String: String] = [:]
    var listening: Set<UInt16> = []

    func hostPath(device: DeviceNumber, pathInFileSystem: String) -> String? { paths[pathInFileSystem] }
    func name(ofAddress address: UInt64, in pid: UInt32) -> String? { nil }
    func isListening(
        _ transport: ListeningPorts.TransportProtocol, _ address: IPAddress, _ port: UInt16,
        namespace: UInt32,
        pid: UInt32
    ) -> Bool { listening.contains(port) }
    func comm(of pid: UInt32) -> String? { nil }
    func kernelSymbol(at address: UInt64) -> String? { nil }
    func deviceName(_ device: DeviceNumber) -> String? { nil }
}
