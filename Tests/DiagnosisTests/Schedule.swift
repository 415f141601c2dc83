import Model

@testable import Diagnosis

/// A random but possible history of a few threads, step by step: who runs, queues or waits, and who wakes whom.
struct Schedule {
    enum State: Equatable {
        case running
        /// Woken, and in no run queue yet.
        case waking
        case queued
        /// With the number of the wait, an index into `spells` once it has ended.
        case waiting
    }

    let threads: Int
    let length: Int
    /// By thread, then by time.
    var states: [[State]]
    var intervals: [Interval] = []

    static let disk: UInt32 = 8 << 20

    init(threads: Int, length: Int, using random: inout some RandomNumberGenerator) {
        self.threads = threads
        self.length = length
        states = Array(repeating: [], count: threads)
        var state = Array(repeating: State.running, count: threads)
        var left = Array(repeating: 0, count: threads)
        var woken = left
        var queued = left
        var waker: [(Waker, Int64)] = Array(repeating: (.pending, 0), count: threads)
        var hasWaited = Array(repeating: false, count: threads)
        for time in 0..<length {
            for thread in 0..<threads {
                switch state[thread] {
                case .running:
                    // Whoever runs may wake others, and then leave the CPU.
                    for other in 0..<threads where state[other] == .waiting && left[other] < time {
                        guard Int.random(in: 0..<6, using: &random) == 0 else { continue }
                        (state[other], woken[other]) = (.waking, time)
                        waker[other] = (
                            Waker(kind: .thread, pid: 1, tid: UInt32(thread + 1), comm: "t"),
                            Int64(thread + 1)
                        )
                    }
                    let choice = Int.random(in: 0..<8, using: &random)
                    // It was on the CPU for a step at least.
                    guard time > 0, choice < 2, states[thread].last == .running else { break }
                    (left[thread], woken[thread], queued[thread]) = (time, time, time)
                    hasWaited[thread] = choice == 0
                    state[thread] = choice == 0 ? .waiting : .queued
                    if choice == 0 { woken[thread] = .max }
                case .waking:
                    guard Int.random(in: 0..<2, using: &random) == 0 else { break }
                    (state[thread], queued[thread]) = (.queued, time)
                case .queued:
                    guard Int.random(in: 0..<3, using: &random) == 0, time > left[thread] else { break }
                    add(
                        thread, left[thread], woken[thread], queued[thread], time,
                        hasWaited[thread] ? waker[thread] : nil)
                    state[thread] = .running
                case .waiting:
                    guard time > left[thread], Int.random(in: 0..<12, using: &random) == 0 else { break }
                    (state[thread], woken[thread]) = (.waking, time)
                    waker[thread] = (Waker(kind: .block), 0)
                }
            }
            for thread in 0..<threads { states[thread].append(state[thread]) }
        }
        for thread in 0..<threads where state[thread] != .running {
            let isOpen = state[thread] == .waiting
            add(
                thread, left[thread], isOpen ? length : woken[thread],
                state[thread] == .queued ? queued[thread] : length, length,
                hasWaited[thread] ? (isOpen ? (.pending, 0) : waker[thread]) : nil)
        }
    }

    private mutating func add(
        _ thread: Int, _ left: Int, _ woken: Int, _ queued: Int, _ ran: Int, _ waker: (Waker, Int64)?
    ) {
        intervals.append(
            Interval(
                thread: Int64(thread + 1), left: UInt64(left), woken: UInt64(woken),
                queued: UInt64(queued), ran: UInt64(ran),
                wait: waker.map { _ in WaitSubject(kind: .futex, resource: 0, device: 0) },
                waker: waker?.0 ?? .pending, wakerThread: waker?.1 ?? 0,
                occupant: ran > queued ? Occupant(kind: .thread, pid: 99, tid: 99, comm: "other") : nil))
    }

    var evidence: Evidence {
        var builder = EvidenceBuilder(
            threads: (1...threads).map {
                ThreadFacts(
                    id: Int64($0), pid: 1, tid: UInt32($0), comm: "t\($0)", processComm: "t",
                    knownTo: UInt64(length))
            }, resources: [], slices: [IntervalSlice(from: 0, to: UInt64(length))])
        for interval in intervals { builder.add(interval) }
        return builder.finish()
    }

    /// What an instant of a wait was for, found step by step from the wait's end: slow, and without any cleverness.
    func causes(of wait: Interval, downTo floor: Int) -> [String] {
        var thread = Int(wait.thread) - 1
        var result: [String] = []
        var time = Int(wait.woken)
        var device: (thread: Int, until: Int)?
        while time > floor {
            if let here = device {
                if here.until < time {
                    result.append("disk")
                    time -= 1
                    continue
                }
                device = nil
            }
            switch states[thread][time - 1] {
            case .running:
                result.append("cpu \(thread + 1)")
                time -= 1
            case .waking:
                result.append("wakeup_latency")
                time -= 1
            case .queued:
                result.append("queue")
                time -= 1
            case .waiting:
                let its = intervals.first {
                    $0.thread == Int64(thread + 1) && Int($0.left) < time && time <= Int($0.woken)
                        && $0.wait != nil
                }
                guard let its else { return result + ["?"] }
                if Int(its.woken) > time {
                    // It had left the CPU in the very step in which it woke somebody.
                    result.append("cpu \(thread + 1)")
                    time -= 1
                } else if its.waker.kind == .thread {
                    thread = Int(its.wakerThread) - 1
                } else if its.waker.kind == .block {
                    device = (thread, Int(its.left))
                } else {
                    device = (thread, Int(its.left))
                    result += Array(repeating: "unattributed", count: time - max(floor, Int(its.left)))
                    time = max(floor, Int(its.left))
                }
            }
        }
        return result
    }
}
