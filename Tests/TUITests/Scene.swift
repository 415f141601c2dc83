import Model

@testable import TUI

/// A made-up moment: a server of two processes, of which one thread computes, one waits for its lock, and one is idle.
enum Scene {
    static let second: UInt64 = 1_000_000_000

    static func thread(
        _ id: Int64, process: Int64 = 1, _ comm: String, onCPU: UInt64 = 0, runQueue: UInt64 = 0,
        _ waits: [WaitView] = []
    ) -> ThreadView {
        var sample = ThreadSample()
        (sample.alive, sample.onCPU, sample.runQueue) = (second, onCPU, runQueue)
        sample.interruptible = second - onCPU - runQueue
        var blocked = BlockedTimes()
        for wait in waits { blocked[wait.kind] += wait.total }
        return ThreadView(
            thread: id, process: process, pid: UInt32(process * 100), tid: UInt32(process * 100 + id),
            comm: comm,
            processComm: process == 1 ? "server" : "client", sample: sample, blocked: blocked, waits: waits)
    }

    static let snapshot: TopSnapshot = {
        var lengths = Histogram()
        lengths.add(2_000_000, times: 9)
        let lock = WaitView(
            subject: "futex table_lock", waker: "owner/101", wakerThread: 1, kind: .lock, count: 9,
            total: second * 8 / 10, longest: 3_000_000, lengths: lengths)
        let timer = WaitView(
            subject: "sleep of 10.0 ms", waker: "timer", kind: .timer, count: 99, total: second)
        let peer = WaitView(
            subject: "epoll: tcp 127.0.0.1:80", waker: "waiter/102", wakerThread: 2, kind: .peer, count: 0,
            total: second * 7 / 10)
        var snapshot = TopSnapshot()
        snapshot.timeline = (1...5).map { 1_700_000_000 * second + UInt64($0) * second }
        snapshot.time = snapshot.timeline[4]
        snapshot.duration = second
        snapshot.elapsed = 5 * second
        snapshot.threads = [
            thread(1, "owner", onCPU: second * 9 / 10),
            thread(2, "waiter", onCPU: second / 10, runQueue: second / 10, [lock]),
            thread(3, "idle", [timer]),
            thread(4, process: 2, "load", onCPU: second * 3 / 10, [peer]),
        ]
        snapshot.occupants = [OccupantView(name: "owner/101", total: second / 10)]
        return snapshot
    }()

    static let verdict = VerdictView(
        summary:
            "server (pid 100), thread 101 is computing while others wait for it: 80 % of the service time.",
        isBottleneck: true, from: snapshot.time - 3 * second, to: snapshot.time)

    static func frame(_ state: TopState = TopState(), columns: Int = 80, rows: Int = 24) -> Frame {
        TopLayout(snapshot, verdict, state, title: "pid 100").frame(columns: columns, rows: rows)
    }

    static func text(_ state: TopState = TopState(), columns: Int = 80, rows: Int = 24) -> String {
        frame(state, columns: columns, rows: rows).lines.map(\.text).joined(separator: "\n")
    }
}
