import BPF
import Model
import Probes

/// What the kernel side and the recorder could not keep, told once for each time that it grows.
struct LossWatch {
    private var known: [KernelLoss: UInt64] = [:]
    private var knownMissed: [Hook.Subject: UInt64] = [:]

    /// Records that the kernel side had no room for, since the beginning.
    var lostRecords: UInt64 { known.values.reduce(0, +) }
    var hasLostSamples: Bool { known[.sample, default: 0] > 0 }

    /// What was lost since the last look.
    /// - Parameter time: of this look, ns since the Unix epoch.
    mutating func look(_ plane: KernelPlane, at time: UInt64) throws(BPFError) -> [Loss] {
        var found: [Loss] = []
        for (loss, count) in plane.losses.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let before = known.updateValue(count, forKey: loss) ?? 0
            guard count > before else { continue }
            found.append(
                Loss(
                    time: time, what: loss.what, place: loss.place, count: count - before,
                    advice: loss.advice))
        }
        let missed = try plane.missedEvents()
        for subject in Hook.Subject.allCases {
            let count = missed[subject] ?? 0
            let before = knownMissed.updateValue(count, forKey: subject) ?? 0
            if count > before { found.append(Self.missedEvents(of: subject, count - before, at: time)) }
        }
        return found
    }

    private static func missedEvents(of subject: Hook.Subject, _ count: UInt64, at time: UInt64) -> Loss {
        let (what, consequence) =
            switch subject {
            case .states: ("scheduler events", "the states of some threads are wrong until their next switch")
            case .waits: (Loss.namesOfWaits, "what some waits were for, or who ended them, is not known")
            case .block: ("events of block devices", "requests are missing")
            case .pageCache: ("events of the page cache", "look-ups, or pages, are missing")
            case .syscalls: ("system calls", "they are missing where calls are counted")
            case .rings: ("events of io_uring", "requests are missing")
            case .stacks: ("events that stacks are taken at", "waits are missing where stacks are")
            case .counters:
                ("readings of performance counters", "counts are booked later, or under another thread")
            }
        return Loss(
            time: time, what: what, place: "BPF programs", count: count,
            advice: "The kernel skipped a program that was already running on that CPU; \(consequence).")
    }

    static func missedTicks(_ count: UInt64, at time: UInt64) -> Loss {
        Loss(
            time: time, what: "ticks", place: "recorder", count: count,
            advice:
                "The recorder was not given a CPU in time: the tick that ended here is longer, and its time is whole."
        )
    }

    static func clockStep(_ step: Int64) -> Loss {
        Loss(
            time: Clock.wallTime(), what: "steadiness of the wall clock", place: "host", count: 1,
            advice: "The wall clock was set by \(step) ns; times before and after do not compare.")
    }
}
