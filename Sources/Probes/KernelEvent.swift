import Model
import ProbeRecords

/// A record that a program wrote into the event ring buffer.
public enum KernelEvent {
    case birth(Birth)
    case exec(Exec)
    case rename(thread: UInt32, comm: String, at: UInt64)
    /// To another cgroup, whose path is empty where it was too long to be told.
    case moved(thread: UInt32, pid: UInt32, at: UInt64, cgroup: String, isUnified: Bool)
    /// A process that is no target runs another program, takes a name or moves to a cgroup.
    case start(pid: UInt32)
    case sample(SampleRecord)
    case resource(ResourceRecord)
    case stack(StackRecord)

    /// nil for a record that is too short or of an unknown type.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= MemoryLayout<UInt32>.size else { return nil }
        switch UInt32(bytes.load(as: UInt32.self)) {
        case STALL_EVENT_BIRTH.rawValue where bytes.count >= MemoryLayout<stall_birth>.size:
            self = .birth(Birth(bytes.load(as: stall_birth.self)))
        case STALL_EVENT_EXEC.rawValue where bytes.count >= MemoryLayout<stall_exec>.size:
            self = .exec(Exec(bytes.load(as: stall_exec.self)))
        case STALL_EVENT_RENAME.rawValue where bytes.count >= MemoryLayout<stall_rename>.size:
            let record = bytes.load(as: stall_rename.self)
            self = .rename(thread: record.thread, comm: text(record.comm), at: record.at)
        case STALL_EVENT_MOVED.rawValue where bytes.count >= MemoryLayout<stall_move>.size:
            let record = bytes.load(as: stall_move.self)
            let isWhole = record.length < UInt32(STALL_CGROUP_LEN)
            self = .moved(
                thread: record.thread, pid: record.pid, at: record.at,
                cgroup: isWhole ? text(record.path) : "", isUnified: record.hierarchy == 0)
        case STALL_EVENT_START.rawValue where bytes.count >= MemoryLayout<stall_rename>.size:
            self = .start(pid: bytes.load(as: stall_rename.self).pid)
        case STALL_EVENT_SAMPLE.rawValue where bytes.count >= MemoryLayout<stall_sample>.size:
            self = .sample(SampleRecord(bytes))
        case STALL_EVENT_RESOURCE.rawValue where bytes.count >= MemoryLayout<stall_resource>.size:
            self = .resource(ResourceRecord(bytes.load(as: stall_resource.self)))
        case STALL_EVENT_STACK.rawValue:
            guard let stack = StackRecord(bytes) else { return nil }
            self = .stack(stack)
        default: return nil
        }
    }

    /// A thread has come under watch.
    public struct Birth: Sendable {
        public enum Reason: Sendable {
            case adopted, forked, spawned
            /// It ended a wait of a tracked thread, or a tracked thread ended its.
            case woke, woken
            /// It uses an endpoint that is watched.
            case endpoint
        }
        public var thread: UInt32
        public var pid: UInt32
        public var tid: UInt32
        public var parentPID: UInt32
        /// 0 if the creator is not tracked.
        public var parentThread: UInt32
        public var namespacePID: UInt32
        public var namespaceTID: UInt32
        /// `CLOCK_BOOTTIME`, ns.
        public var at: UInt64
        public var started: UInt64
        public var processStarted: UInt64
        public var cgroup: UInt64
        public var netNamespace: UInt32
        public var uid: UInt32
        public var reason: Reason
        public var comm: String
        public var leaderComm: String
        public var isKernelThread = false
        /// How it was found by itself: the tracked thread at the other end, the resource at which they met, and
        /// how many processes lie between it and one that was asked for.
        public var foundBy: UInt32 = 0
        public var foundResource: Int64 = 0
        public var foundKind: WaitKind = .other
        public var hops: UInt32 = 0

        /// A thread of which nothing more is known than that it exists.
        public init(thread: UInt32, pid: UInt32, tid: UInt32, at: UInt64, comm: String) {
            self.thread = thread
            self.pid = pid
            self.tid = tid
            self.at = at
            self.comm = comm
            leaderComm = comm
            parentPID = 0
            parentThread = 0
            namespacePID = pid
            namespaceTID = tid
            started = at
            processStarted = at
            cgroup = 0
            netNamespace = 0
            uid = 0
            reason = .adopted
        }

        init(_ record: stall_birth) {
            thread = record.thread
            pid = record.pid
            tid = record.tid
            parentPID = record.parent_pid
            parentThread = record.parent_thread
            namespacePID = record.ns_pid
            namespaceTID = record.ns_tid
            at = record.at
            started = record.started
            processStarted = record.process_started
            cgroup = record.cgroup
            netNamespace = record.net_namespace
            uid = record.uid
            comm = text(record.comm)
            leaderComm = text(record.leader_comm)
            isKernelThread = record.kernel_thread != 0
            foundBy = record.found_by
            foundResource = Int64(record.found_resource)
            foundKind = WaitKind(rawValue: UInt8(truncatingIfNeeded: record.found_kind)) ?? .other
            hops = record.hops
            reason =
                switch record.reason {
                case STALL_BIRTH_FORKED.rawValue: .forked
                case STALL_BIRTH_SPAWNED.rawValue: .spawned
                case STALL_BIRTH_WOKE.rawValue: .woke
                case STALL_BIRTH_WOKEN.rawValue: .woken
                case STALL_BIRTH_ENDPOINT.rawValue: .endpoint
                default: .adopted
                }
        }
    }

    /// A process runs another program.
    public struct Exec: Sendable {
        public var thread: UInt32
        public var pid: UInt32
        public var tid: UInt32
        public var at: UInt64
        public var comm: String
        /// As given to `execve`.
        public var path: String
        public var arguments: [String]
        /// The kernel side keeps the first 511 bytes of the arguments.
        public var areArgumentsComplete: Bool

        init(_ record: stall_exec) {
            thread = record.thread
            pid = record.pid
            tid = record.tid
            at = record.at
            comm = text(record.comm)
            path = text(record.path)
            let kept = min(Int(record.args_len), Int(STALL_ARGS_LEN) - 1)
            areArgumentsComplete = record.args_len > 0 && record.args_len < STALL_ARGS_LEN
            arguments = withUnsafeBytes(of: record.args) { bytes in
                var bytes = bytes[..<kept]
                if bytes.last == 0 { bytes = bytes.dropLast() }
                return bytes.split(separator: 0, omittingEmptySubsequences: false)
                    .map { String(decoding: $0, as: UTF8.self) }
            }
        }
    }
}

/// A C character array up to its NUL, repaired where it is not UTF-8.
func text<Characters: BitwiseCopyable>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
