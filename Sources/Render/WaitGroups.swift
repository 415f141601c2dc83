import Model
import Recording

/// Waits as a report shows them: those that differ only in which connection of many it was are one row.
public struct WaitGroup: Sendable {
    public var wait: WaitTotal
    /// How many resources the row stands for.
    package var resources: Set<Int64> = []

    package struct Key: Hashable {
        var thread: Int64
        var kind, direction, syscall, resource, device, member, waker: String
        var wakerTID: UInt32
        var timedOut, uninterruptible: Bool
    }

    /// - Returns: the longest total first.
    public static func of(_ waits: [WaitTotal], _ resources: [Int64: ResourceRow]) -> [WaitGroup] {
        var groups: [Key: WaitGroup] = [:]
        for wait in waits {
            let (key, empty) = emptyGroup(of: wait, resources)
            groups[key, default: empty].add(wait)
        }
        return groups.values.sorted {
            $0.wait.total != $1.wait.total ? $0.wait.total > $1.wait.total : $0.wait.thread < $1.wait.thread
        }
    }

    /// The group that a wait belongs to, with nothing in it.
    package static func emptyGroup(
        of wait: WaitTotal, _ resources: [Int64: ResourceRow]
    ) -> (key: Key, group: WaitGroup) {
        let resource = resources[wait.resourceID]?.group ?? wait.resource ?? ""
        let member = wait.memberID == 0 ? "" : resources[wait.memberID]?.group ?? wait.member ?? ""
        let key = Key(
            thread: wait.thread, kind: wait.kind, direction: wait.direction ?? "",
            syscall: wait.syscall ?? "",
            resource: resource, device: wait.device ?? "", member: member, waker: wait.wakerKind,
            wakerTID: wait.wakerTID ?? 0, timedOut: wait.timedOut, uninterruptible: wait.isUninterruptible
        )
        return (key, WaitGroup(wait: emptied(wait, resource, member)))
    }

    package mutating func add(_ more: WaitTotal) {
        wait.count &+= more.count
        wait.total &+= more.total
        wait.longest = max(wait.longest, more.longest)
        wait.lengths += more.lengths
        resources.insert(more.memberID == 0 ? more.resourceID : more.memberID)
    }

    private static func emptied(_ wait: WaitTotal, _ resource: String, _ member: String) -> WaitTotal {
        var wait = wait
        wait.resource = resource.isEmpty ? nil : resource
        wait.member = member.isEmpty ? nil : member
        (wait.count, wait.total, wait.longest, wait.lengths) = (0, 0, 0, Histogram())
        return wait
    }

    /// What a wait is for: `futex bio_mutex (redis-server)`, `file_read in pread64, /data/x on vda`,
    /// `epoll: tcp 10.0.0.2:80 <- 10.0.0.7 (50)`.
    public var subject: String {
        var text = wait.kind
        if let resource = wait.resource, resource.hasPrefix(wait.kind) {
            text = resource
            if let direction = wait.direction { text += " " + direction }
        } else {
            if let direction = wait.direction, !wait.kind.hasSuffix(direction) { text += " " + direction }
            if let resource = wait.resource { text += " " + resource }
        }
        if let member = wait.member { text += (wait.kind == "futex" ? " then " : ": ") + member }
        if resources.count > 1 { text += " (\(resources.count))" }
        if let device = wait.device { text += " on " + device }
        return wait.timedOut ? text + ", timed out" : text
    }

    /// The same, with the slowest files of the ring or context that is waited for.
    func subject(_ slowestFiles: [Int64: String]) -> String {
        guard wait.memberID == 0, resources.count == 1, let ring = resources.first,
            let files = slowestFiles[ring]
        else { return subject }
        return "\(subject) (slowest: \(files))"
    }

    /// What ended a wait: `worker/123`, `timer`, `not ended`.
    public static func waker(_ wait: WaitTotal) -> String {
        switch (wait.wakerKind, wait.wakerTID) {
        case ("pending", _): "not ended"
        case (_, .some(let tid)): "\(wait.wakerComm ?? "?")/\(tid)"
        case ("block", _): wait.device ?? "block device"
        default: wait.wakerKind
        }
    }

    /// A kernel thread that waits for work: it serves whoever comes.
    package var isIdleKernelThread: Bool { wait.kind == "kernel_thread" && wait.device == nil }
}
