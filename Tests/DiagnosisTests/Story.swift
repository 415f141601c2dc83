import Model

@testable import Diagnosis

/// Waits written down by hand.  Threads count from 1.
struct Story {
    private var threads: [ThreadFacts]
    private var resources: [Resource] = []
    private var intervals: [Interval] = []

    init(threads: Int, process: String = "service") {
        self.threads = (1...threads).map {
            ThreadFacts(id: Int64($0), pid: 10, tid: UInt32(9 + $0), comm: "t\($0)", processComm: process)
        }
    }

    /// A thread of another process, found and not asked for.
    mutating func addStranger(_ comm: String, pid: UInt32) -> Int64 {
        let id = Int64(threads.count + 1)
        threads.append(ThreadFacts(id: id, pid: pid, tid: pid, comm: comm, processComm: comm, isRoot: false))
        return id
    }

    mutating func add(_ kind: ResourceKind, _ name: String, _ direction: Resource.Direction? = nil) -> Int64 {
        let id = Int64(resources.count + 1)
        var resource = Resource(id: id, kind: kind, identity: name, name: name, since: 0, pid: 10)
        resource.direction = direction
        resource.remoteAddress = kind == .inet ? name : ""
        resources.append(resource)
        return id
    }

    mutating func wait(
        _ thread: Int64, _ left: UInt64, _ woken: UInt64, _ kind: WaitKind, resource: Int64 = 0,
        by waker: Int64,
        queue: UInt64 = 0, occupant: Occupant? = nil
    ) {
        let facts = threads[Int(waker - 1)]
        wait(
            thread, left, woken, kind, resource: resource,
            by: Waker(kind: .thread, pid: facts.pid, tid: facts.tid, comm: facts.comm), wakerThread: waker,
            queue: queue,
            occupant: occupant)
    }

    mutating func wait(
        _ thread: Int64, _ left: UInt64, _ woken: UInt64, _ kind: WaitKind, resource: Int64 = 0,
        by waker: Waker,
        wakerThread: Int64 = 0, device: UInt32 = 0, timedOut: Bool = false, queue: UInt64 = 0,
        occupant: Occupant? = nil
    ) {
        intervals.append(
            Interval(
                thread: thread, left: left, woken: woken, ran: woken + queue,
                wait: WaitSubject(kind: kind, resource: resource, device: device), waker: waker,
                wakerThread: wakerThread, timedOut: timedOut, occupant: occupant))
    }

    mutating func preempt(_ thread: Int64, _ left: UInt64, _ ran: UInt64, by occupant: Occupant) {
        intervals.append(Interval(thread: thread, left: left, woken: left, ran: ran, occupant: occupant))
    }

    func evidence(
        _ from: UInt64, _ to: UInt64, _ more: (inout EvidenceBuilder) -> Void = { _ in }
    ) -> Evidence {
        var builder = EvidenceBuilder(
            threads: threads.map {
                var thread = $0
                thread.knownTo = to
                return thread
            }, resources: resources, slices: [IntervalSlice(from: from, to: to)])
        for interval in intervals { builder.add(interval) }
        more(&builder)
        return builder.finish()
    }
}
