import Model
import Testing

/// What a recording must say of the waits that a test program is about; the rest the program says itself: how
/// long they were, who ended them, and the number of the inode, the port or the like.
struct ExpectedWait: Sendable {
    var kind: WaitKind
    var resource: ResourceKind
    var direction: WaitDirection = .none
    var waker: WakerKind = .thread
    var timedOut = false
    /// A part of the resource's name.
    var name = ""
    /// The share of the time that may be missing or too much.
    var tolerance = 0.01

    /// Whether the program names the very inode; else what it says besides must do.
    var hasInode = true

    func describes(_ named: NamedWait) -> Bool {
        named.wait.subject.kind == kind && named.wait.subject.direction == direction
            && (named.isUnseen || named.wait.waker.kind == waker && named.wait.timedOut == timedOut)
            && (named.resource?.kind ?? .none) == resource
            && (name.isEmpty || named.resource?.name.contains(name) == true)
    }
}

extension Truth {
    /// Whether this line of a program speaks of the resource.
    func isAbout(_ resource: Resource?, hasInode: Bool = true) -> Bool {
        guard let resource else { return false }
        if let address, resource.kind == .futex, !resource.identity.hasSuffix(":" + address) { return false }
        // Of an eventfd and the like the inode is shared by all.
        if hasInode, let inode, resource.kind != .anonymous, resource.kind != .epoll, resource.inode != inode
        {
            return false
        }
        if let path, resource.path != path, !resource.name.hasSuffix(":" + path),
            resource.kind != .sharedFutex
        {
            return false
        }
        if let local_port, !resource.localAddress.hasSuffix(":\(local_port)") { return false }
        if let peer_port, !resource.remoteAddress.hasSuffix(":\(peer_port)") { return false }
        return true
    }
}

extension Observation {
    /// Asserts that the waits of a role are told as the program tells them: for what, by whom, and how long.
    ///
    /// The program measures from before its system call to after it, so the call's own work and the way back to a
    /// CPU are more than the wait.
    ///
    /// - Returns: the resources that they were for.
    @discardableResult func expect(
        _ expected: ExpectedWait, role: String = "waiter", waker: UInt32? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Set<Int64> {
        expectTimeIsConserved(sourceLocation: sourceLocation)
        #expect(losses.isEmpty, sourceLocation: sourceLocation)
        let truth = try truth(role)
        let lines = resourceTruths(role)
        let all = namedWaits.filter { $0.thread.tid == truth.tid }
        let found = all.filter { named in
            expected.describes(named)
                && lines.contains { line in
                    let by = waker ?? line.waker_tid
                    return line.isAbout(named.resource, hasInode: expected.hasInode)
                        && (expected.waker != .thread || by == nil || named.isUnseen
                            || named.wait.waker.tid == by)
                }
        }
        let sum = found.reduce(0) { $0 + $1.wait.total }
        #expect(
            isAll(sum, of: truth, within: expected.tolerance),
            "\(sum) of \(truth.wait_ns ?? 0) ns; \(lines.first.map { "\($0)" } ?? "no truth")\n\(Self.list(all))",
            sourceLocation: sourceLocation)
        // A round that is held up until its event is there need not wait; the time above says that no other is missing.
        #expect(
            found.reduce(0) { $0 + $1.wait.count } >= (truth.rounds ?? 0) / 2, "\(Self.list(all))",
            sourceLocation: sourceLocation)
        expectFewUnseen(found.map(\.wait), sourceLocation: sourceLocation)
        for named in found where expected.waker == .thread && !named.isUnseen {
            #expect(named.wait.waker.pid != 0 && !named.wait.waker.comm.isEmpty, "\(named)")
        }
        return Set(found.map(\.wait.subject.resource))
    }

    /// Whether waits of `sum` ns are what a thread measured around its system calls, which have to get back to a CPU,
    /// and may be held up on it: the hypervisor's share is in our account of it, and not in the kernel's.
    func isAll(_ sum: UInt64, of truth: Truth, within share: Double = 0.01) -> Bool {
        let waited = truth.wait_ns ?? 0
        let slack = KernelAccess.slack(waited, share)
        let total = total(tid: truth.tid)
        let held = total.onCPU - min(total.onCPU, truth.on_cpu_ns ?? 0)
        return waited > 0 && sum <= waited + slack && sum + total.runQueue + held + slack >= waited
    }

    static func list(_ waits: [NamedWait]) -> String { waits.map { "  \($0)" }.joined(separator: "\n") }
}
