import Model
import Recording

/// A made-up recording whose every number is known, for readers of exports that are not ours: six ticks that reach over the
/// end of an hour, two processes, and names that every format has to be careful with.
///
/// In each tick, in ms from its beginning (`D` is its end, `q` the run queue after a wait):
///
///     worker (101)  futex 0..380 q..400, by the peer; epoll 500..770 q..850, by the client
///     peer (102)    file read 400..700 on vda q..710; sleep 740..990
///     idle (103)    futex 0..D
///     client (201)  socket 0..450 q..460, by the worker
public enum ExampleRecording {
    public static let ticks: Int64 = 6
    public static let start: UInt64 = 1_700_002_797_000_000_000
    /// Not a round number, so that what rounds shows.
    public static let duration: UInt64 = 1_000_000_007
    public static let host = "box \"1\""
    public static let file = "/data/a,\"b\";\n.db"

    private static let millisecond: UInt64 = 1_000_000
    private static let peer = Waker(kind: .thread, pid: 100, tid: 102, comm: "peer")
    private static let worker = Waker(kind: .thread, pid: 100, tid: 101, comm: "wörker, \"1\"")
    private static let client = Waker(kind: .thread, pid: 200, tid: 201, comm: "client")

    private static let futex = WaitSubject(kind: .futex, syscall: 202, resource: 1)
    private static let epoll = WaitSubject(kind: .epoll, syscall: 232, resource: 2)
    private static let read = WaitSubject(
        kind: .fileRead, syscall: 0, direction: .read, isUninterruptible: true, isIO: true, resource: 4,
        device: 254 << 20)
    private static let sleep = WaitSubject(kind: .sleep, syscall: 35)
    private static let socket = WaitSubject(kind: .inet, syscall: 45, direction: .read, resource: 3)

    /// A wait of a thread in each tick.
    private struct Wait {
        var thread: Int64
        var subject: WaitSubject
        var waker: Waker
        var wakerThread: Int64 = 0
        var member: Int64 = 0
        /// Milliseconds from the beginning of the tick.
        var from, to, ran: UInt64
    }

    private static let waits = [
        Wait(thread: 1, subject: futex, waker: peer, wakerThread: 2, from: 0, to: 380, ran: 400),
        Wait(
            thread: 1, subject: epoll, waker: client, wakerThread: 4, member: 3, from: 500, to: 770, ran: 850),
        Wait(thread: 2, subject: read, waker: Waker(kind: .block), from: 400, to: 700, ran: 710),
        Wait(thread: 2, subject: sleep, waker: Waker(kind: .timer), from: 740, to: 990, ran: 990),
        Wait(thread: 4, subject: socket, waker: worker, wakerThread: 1, from: 0, to: 450, ran: 460),
    ]

    /// - Parameter stacks: as if made with `record --stacks`.
    public static func write(to path: String, stacks: Bool) throws(RecordingError) {
        let writer = try RecordingWriter.create(
            at: path,
            header: RecordingHeader(
                host: host, kernel: "6.1.0", bootID: "b00t", cpus: 2, started: start, interval: duration,
                command: "stallscope record --pid 100", version: "0.1.0"))
        for tick in 1...ticks { try writer.append(batch(tick, stacks: stacks)) }
        try writer.finish()
    }

    private static func batch(_ tick: Int64, stacks: Bool) -> TickBatch {
        let begin = start + UInt64(tick - 1) * duration
        let end = begin + duration
        var batch = TickBatch(
            tick: Tick(
                number: tick, time: end, bootTime: UInt64(tick) * duration + 5_000_000_000, duration: duration
            ))
        if tick == 1 { addNames(to: &batch, stacks: stacks) }
        for thread: Int64 in [1, 2, 4] { batch.samples.append((thread, sample(of: thread))) }
        for wait in waits {
            let length = (wait.to - wait.from) * millisecond
            batch.waits.append(
                (
                    wait.thread,
                    WaitSample(
                        subject: wait.subject, waker: wait.waker, member: wait.member, count: 1,
                        total: length,
                        longest: length, lengths: Histogram(counts: [0, 0, 1]))
                ))
            batch.intervals.append(
                Interval(
                    thread: wait.thread, left: begin + wait.from * millisecond,
                    woken: begin + wait.to * millisecond,
                    ran: begin + wait.ran * millisecond, wait: wait.subject, waker: wait.waker,
                    wakerThread: wait.wakerThread, member: wait.member, occupant: occupant(of: wait)))
            if let occupant = occupant(of: wait) {
                batch.occupants.append(
                    (
                        wait.thread,
                        OccupantSample(
                            occupant: occupant, count: 1, total: (wait.ran - wait.to) * millisecond)
                    ))
            }
        }
        if tick == ticks {
            batch.intervals.append(Interval(thread: 3, left: start, woken: end, ran: end, wait: futex))
        }
        batch.intervals.sort { $0.ran < $1.ran }
        batch.slices = [IntervalSlice(from: begin, to: end)]
        batch.losses =
            tick == 2 ? [Loss(time: end, what: "wait names", place: "map", count: 3, advice: "none")] : []
        if stacks { batch.stackWaits = stackWaits }
        return batch
    }

    private static func occupant(of wait: Wait) -> Occupant? {
        guard wait.ran > wait.to else { return nil }
        if wait.thread == 2 { return Occupant(kind: .latency) }
        // A thread has one row for each occupant in a tick.
        return Occupant(kind: .thread, pid: 9, tid: 9 + UInt32(clamping: wait.from), comm: "neighbour")
    }

    private static func sample(of thread: Int64) -> ThreadSample {
        var sample = ThreadSample()
        sample.alive = duration
        for wait in waits where wait.thread == thread {
            let length = (wait.to - wait.from) * millisecond
            if wait.subject.isUninterruptible {
                sample.uninterruptible += length
            } else {
                sample.interruptible += length
            }
            if wait.subject.isIO { sample.ioWait += length }
            sample.runQueue += (wait.ran - wait.to) * millisecond
            sample.voluntarySwitches += 1
        }
        sample.onCPU = duration - sample.blocked - sample.runQueue
        sample.burstLengths = Histogram(counts: [0, 2, 1])
        return sample
    }

    private static func addNames(to batch: inout TickBatch, stacks: Bool) {
        for (id, pid, comm) in [(1, 100, "server;x"), (2, 200, "client")] as [(Int64, UInt32, String)] {
            batch.processes.append(
                ProcessVersion(
                    id: id, process: id, since: start, pid: pid, parentPID: 1, namespacePID: pid,
                    started: start,
                    comm: comm))
        }
        let threads: [(id: Int64, process: Int64, tid: UInt32, comm: String)] = [
            (1, 1, 101, worker.comm), (2, 1, 102, "peer"), (3, 1, 103, "idle"), (4, 2, 201, "client"),
        ]
        batch.threads = threads.map { thread in
            ThreadVersion(
                id: thread.id, thread: thread.id, process: thread.process, since: start, tid: thread.tid,
                namespaceTID: thread.tid, started: start, comm: thread.comm)
        }
        var set = Resource(id: 2, kind: .epoll, identity: "e", name: "epoll", since: start, pid: 100)
        set.members = [3]
        batch.resources = [
            Resource(id: 1, kind: .futex, identity: "f", name: "mutex 'a'", since: start, pid: 100), set,
            Resource(id: 3, kind: .inet, identity: "i", name: "tcp 10.0.0.1:80", since: start, pid: 100),
            Resource(id: 4, kind: .file, identity: "d", name: file, since: start, pid: 100),
        ]
        batch.devices = [(254 << 20, "vda")]
        batch.idleRuns = [IdleRun(thread: 3, firstTick: 1, subject: futex)]
        batch.targets = [
            TargetEvent(time: start, pid: 100, process: 1, event: .added, reason: "asked for by --pid")
        ]
        guard stacks else { return }
        batch.frames = [
            (1, StackFrame(function: "main", module: "server", file: "/src/main.c", line: 9)),
            (2, StackFrame(function: "take(int, char)", module: "server", file: "/src/lock.c", line: 21)),
            (3, StackFrame(function: "futex_wait", module: "kernel", isKernel: true)),
            (4, StackFrame(function: "give", module: "server", file: "/src/lock.c", line: 30)),
        ]
        batch.stacks = [
            CallStack(id: 1, frames: [3, 2, 1], folded: "main;take(int, char);futex_wait_[k]"),
            CallStack(id: 2, frames: [4, 1], folded: "main;give"),
        ]
    }

    /// Of each tick; they add up to the time blocked, of the idle thread too.
    private static var stackWaits: [(thread: Int64, sample: StackWaitSample)] {
        let known = waits.map { wait in
            (
                wait.thread,
                StackWaitSample(
                    stack: wait.subject.kind == .futex ? 1 : 0,
                    wakerStack: wait.subject.kind == .futex ? 2 : 0,
                    kind: wait.subject.kind, resource: wait.subject.resource, waker: wait.waker, count: 1,
                    total: (wait.to - wait.from) * millisecond)
            )
        }
        return known + [
            (
                3,
                StackWaitSample(
                    stack: 1, wakerStack: 0, kind: .futex, resource: 1, waker: .pending, count: 0,
                    total: duration)
            )
        ]
    }
}
