import Model
import Testing

/// What a recording must say of the waits that a test program is about; the rest the program says itself: how
/// long they were, who ended them, and the number of the inode, the port or the like.
struct ExpectedWait: Sendable {
    var kind: WaitKind
    var resource: ResourceKind
    var direction: WaitDirection = .none
    var waker: WakerKind = .thread
    /// What ends a wait where the kernel's own thread for late interrupts does it for the waker, whom it cannot tell.
    var stead: WakerKind?
    var timedOut = false
    /// A part of the resource's name.
    var name = ""

    /// Whether the program names the very inode; else what it says besides must do.
    var hasInode = true

    func describes(_ named: NamedWait) -> Bool {
        named.wait.subject.kind == kind && named.wait.subject.direction == direction
            && (named.isUnseen || named.wait.count == 0
                || [waker, stead].contains(named.wait.waker.kind) && named.wait.timedOut == timedOut)
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
    /// Asserts that the waits of a role are told as the program tells them: for what, by whom, how many and how long.
    ///
    /// - Returns: the resources that they were for.
    @discardableResult func expect(
        _ expected: ExpectedWait, role: String = "waiter", waker: UInt32? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Set<Int64> {
        let truth = try truth(role)
        let lines = resourceTruths(role)
        let all = namedWaits.filter { $0.thread.tid == truth.tid }
        let found = all.filter { named in
            expected.describes(named)
                && lines.contains { line in
                    let by = waker ?? line.waker_tid
                    return line.isAbout(named.resource, hasInode: expected.hasInode)
                        && (expected.waker != .thread || by == nil || named.isUnseen || named.wait.count == 0
                            || named.wait.waker.kind == expected.stead || named.wait.waker.tid == by)
                }
        }
        expectBrackets(of: found, truth, of: all, sourceLocation: sourceLocation)
        for named in found where named.wait.waker.kind == .thread {
            #expect(
                named.wait.waker.pid != 0 && !named.wait.waker.comm.isEmpty, "\(named)",
                sourceLocation: sourceLocation)
        }
        return Set(found.map(\.wait.subject.resource))
    }

    /// Asserts that these waits are those that a thread was in, neither fewer nor more, neither shorter nor longer than
    /// they can have been: within its calls, and at least from when another knew that it slept until that one began to
    /// wake it.
    func expectBrackets(
        of found: [NamedWait], _ truth: Truth, of all: [NamedWait] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let (count, sum) = found.reduce(into: (UInt64(0), UInt64(0))) { sum, named in
            sum = (sum.0 + named.wait.count, sum.1 + named.wait.total)
        }
        let called = truth.wait_ns ?? 0, asleep = truth.asleep_ns ?? 0
        let list = Self.list(all.isEmpty ? found : all)
        #expect(
            asleep <= sum && sum <= called, "\(name): \(asleep) <= \(sum) <= \(called) ns\n\(list)",
            sourceLocation: sourceLocation)
        // Where another made sure that it slept it did so in each round.
        let least = asleep > 0 ? truth.rounds ?? 0 : truth.sleeps ?? 0, most = truth.switches ?? 0
        #expect(least > 0, "\(name): no wait was made", sourceLocation: sourceLocation)
        #expect(
            least <= count && count <= most, "\(name): \(least) <= \(count) <= \(most) waits\n\(list)",
            sourceLocation: sourceLocation)
        expectFewUnseen(found.map(\.wait), sourceLocation: sourceLocation)
    }

    static func list(_ waits: [NamedWait]) -> String { waits.map { "  \($0)" }.joined(separator: "\n") }
}
