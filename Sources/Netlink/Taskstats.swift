import Glibc

/// The kernel's own account of threads, over netlink: on request of those that live, and by itself of each that ends.
public final class Taskstats {
    private let requests: Socket
    private let exits: Socket
    private let family: UInt16
    private var knownDrops: UInt32 = 0

    /// 14,000 exits between two looks were not too many.
    private static let exitBuffer: Int32 = 16 << 20

    /// Needs CAP_NET_ADMIN, the host's network namespace and, to hear of exits, its pid and user namespaces.
    ///
    /// - Parameter cpus: whose exits are heard of, as `/sys/devices/system/cpu/possible` writes it; nil: no exits.
    public init(exitsOnCPUs cpus: String?) throws(NetlinkError) {
        requests = try Socket()
        exits = try Socket(receiveBuffer: cpus == nil ? 0 : Self.exitBuffer)
        let step = "find the kernel's taskstats"
        let found: UInt16?
        do throws(NetlinkError) {
            found = try requests.ask(
                step, { Family.request(TaskstatsMessages.family, sequence: $0) }, read: Family.id)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            found = nil
        }
        guard let found else {
            throw NetlinkError(step: step, errno: .noSuchFileOrDirectory, code: .noFamily)
        }
        family = found
        let family = family
        guard let cpus else {
            // Whether this process may ask at all.
            guard try ofThread(UInt32(getpid())) != nil else {
                throw NetlinkError(step: "read the kernel's taskstats", errno: .notSupported)
            }
            return
        }
        _ = try exits.ask(
            "ask the kernel for records of threads that end",
            { TaskstatsMessages.exits(onCPUs: cpus, family: family, sequence: $0) }, read: { _ in true })
    }

    /// nil if the thread has ended, or if the kernel tells too little (before Linux 5.5).
    public func ofThread(_ tid: UInt32) throws(NetlinkError) -> TaskStatistics? {
        let family = family
        do throws(NetlinkError) {
            return try requests.ask(
                "ask for a thread's taskstats",
                { TaskstatsMessages.thread(tid, family: family, sequence: $0) },
                read: TaskstatsMessages.thread)
        } catch {
            guard error.code == .noThread else { throw error }
            return nil
        }
    }

    /// Threads, of the whole host, that have ended since the last call.
    public func takeExits(_ receive: (TaskStatistics) -> Void) throws(NetlinkError) {
        try exits.drain("read records of threads that have ended") { message in
            if let statistics = TaskstatsMessages.thread(in: message) { receive(statistics) }
        }
    }

    /// Exit records that were lost since the last call, because nobody read them in time.
    public func takeLost() -> UInt32 {
        let now = exits.dropped ?? knownDrops
        defer { knownDrops = now }
        return now &- knownDrops
    }
}
