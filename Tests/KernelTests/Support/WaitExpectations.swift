import Glibc
import Model
import Testing

extension Observation {
    var resources: [Int64: Resource] {
        Dictionary(batches.flatMap(\.resources).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    }
    var devices: [UInt32: String] {
        Dictionary(batches.flatMap(\.devices).map { ($0.device, $0.name) }, uniquingKeysWith: { $1 })
    }
    var occupants: [(thread: Int64, occupant: OccupantSample)] { batches.flatMap(\.occupants) }
    var targets: [TargetEvent] { batches.flatMap(\.targets) }

    /// What a role's thread told when it was through.
    func truth(_ role: String) throws -> Truth {
        try #require(truths.first { $0.event == "thread" && $0.role == role }, "no \(role)")
    }

    /// Waits of this kind that the role's thread was in; not the one in which it was held back by the test.
    func waits(_ role: String, _ kind: WaitKind) throws -> [WaitSample] {
        waits(tid: try truth(role).tid).filter {
            $0.subject.kind == kind && $0.waker.pid != UInt32(getpid())
        }
    }

    /// Asserts that waits of this kind are those that the role's thread was in; returns them.
    @discardableResult
    func expectWaits(
        _ role: String, _ kind: WaitKind, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [WaitSample] {
        let truth = try truth(role)
        let all = namedWaits.filter { $0.thread.tid == truth.tid }
        let found = all.filter { $0.wait.subject.kind == kind && $0.wait.waker.pid != UInt32(getpid()) }
        expectBrackets(of: found, truth, of: all, sourceLocation: sourceLocation)
        return found.map(\.wait)
    }

    /// Whether a wait is for code: that of a program or a library, which may have to be read first.
    func isCode(_ wait: WaitSample) -> Bool {
        let path = resources[wait.subject.resource]?.path ?? ""
        let places = ["/usr/", "/lib", "/etc/"]  // the last has the loader's list of libraries
        return places.contains { path.hasPrefix($0) } || path.contains("/.build/programs/")
    }

    /// The resource that all these waits are on.
    func resource(
        of waits: [WaitSample], sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Resource {
        let all = Set(waits.map(\.subject.resource))
        #expect(
            all.count == 1, "\(name): \(all.map { resources[$0].map(String.init(describing:)) ?? "?" })",
            sourceLocation: sourceLocation)
        return try #require(
            all.first.flatMap { resources[$0] }, "no resource", sourceLocation: sourceLocation)
    }

    /// Asserts that all waits that ended were ended so.
    func expectWakers(
        of waits: [WaitSample], _ kind: WakerKind, tid: UInt32? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let ended = waits.filter { $0.count > 0 }
        let right = ended.filter {
            $0.waker.kind == .unknown || $0.waker.kind == kind && (tid == nil || $0.waker.tid == tid)
        }
        expectFewUnseen(waits, sourceLocation: sourceLocation)
        let total = ended.reduce(0) { $0 + $1.count }
        #expect(total > 0, sourceLocation: sourceLocation)
        #expect(
            right.reduce(0) { $0 + $1.count } == total,
            "\(Set(ended.map(\.waker))), of \(total), should be \(kind) \(tid ?? 0)",
            sourceLocation: sourceLocation)
    }

    /// Asserts that no more wakings went unseen than may have.
    func expectFewUnseen(_ waits: [WaitSample], sourceLocation: SourceLocation = #_sourceLocation) {
        let unseen = waits.filter { $0.waker.kind == .unknown }.reduce(0) { $0 + $1.count }
        #expect(
            unseen <= unseenTurns, "\(unseen) wakings, \(unseenTurns) turns unseen",
            sourceLocation: sourceLocation)
    }
}
