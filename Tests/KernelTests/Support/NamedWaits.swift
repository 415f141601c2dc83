import Model
import Testing

/// Waits of a thread with everything that the recording names of them.
struct NamedWait: CustomStringConvertible {
    var thread: ThreadVersion
    var wait: WaitSample
    var resource: Resource?
    var member: Resource?

    /// No program saw what ended it.
    var isUnseen: Bool { wait.waker.kind == .unknown }

    var description: String {
        let subject = wait.subject
        let waker = wait.waker
        return "\(thread.tid) \(subject.kind.name) \(subject.direction.name)"
            + " on \(resource.map { "\($0.kind.name) \($0.identity) '\($0.name)'" } ?? "nothing")"
            + (member.map { " member \($0.kind.name) \($0.identity) '\($0.name)'" } ?? "")
            + " by \(waker.kind.name) \(waker.tid) \(waker.comm)\(wait.timedOut ? " timed out" : "")"
            + ": \(wait.count), \(wait.total) ns"
    }
}

extension Observation {

    /// All waits; those that went on over the end of a tick with what ended them later.
    var namedWaits: [NamedWait] {
        struct Place: Hashable { var thread, tick: Int64 }
        let resolutions = Dictionary(
            batches.flatMap(\.resolutions).map { (Place(thread: $0.thread, tick: $0.tick), $0) },
            uniquingKeysWith: { $1 })
        let threads = threads
        let resources = resources
        var named: [NamedWait] = []
        for batch in batches {
            for (thread, entry) in batch.waits {
                var wait = entry
                if wait.waker.kind == .pending,
                    let resolution = resolutions[Place(thread: thread, tick: batch.tick.number)]
                {
                    wait.waker = resolution.waker
                    wait.member = resolution.member
                    wait.timedOut = resolution.timedOut
                }
                guard let version = threads[thread] else { continue }
                named.append(
                    NamedWait(
                        thread: version, wait: wait, resource: resources[wait.subject.resource],
                        member: resources[wait.member]))
            }
        }
        return named + idleWaits
    }

    /// Whole ticks of threads that stayed in one wait.
    private var idleWaits: [NamedWait] {
        let threads = threads
        let resources = resources
        let ends = batches.flatMap(\.idleRunEnds)
        return batches.flatMap(\.idleRuns).compactMap { run in
            guard let thread = threads[run.thread] else { return nil }
            let end = ends.first { $0.thread == run.thread && $0.lastTick >= run.firstTick - 1 }
            let ticks = batches.map(\.tick).filter {
                $0.number >= run.firstTick && $0.number <= end?.lastTick ?? .max
            }
            let offset = ticks.isEmpty ? 0 : (end?.endOffset ?? 0) - run.beginOffset
            var wait = WaitSample(
                subject: run.subject, waker: end?.waker ?? .pending, member: end?.member ?? 0,
                timedOut: end?.timedOut ?? false, count: 0,
                total: ticks.reduce(UInt64(bitPattern: offset)) { $0 &+ $1.duration })
            let later = batches.flatMap(\.resolutions).first { later in
                later.thread == run.thread && ticks.contains { $0.number == later.tick }
            }
            if wait.waker == .pending, let later {
                (wait.waker, wait.member, wait.timedOut) = (later.waker, later.member, later.timedOut)
            }
            return NamedWait(
                thread: thread, wait: wait, resource: resources[run.subject.resource],
                member: resources[wait.member])
        }
    }

    /// What the program says that the waits of a role are for; one line or, if that changes, several.
    func resourceTruths(_ role: String) -> [Truth] {
        truths.filter { $0.event == "resource" && $0.role == role }
    }
}
