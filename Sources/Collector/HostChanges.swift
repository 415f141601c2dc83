import Model
import ProcFS

/// What happens to the host as a whole while it is recorded: suspends, and CPUs that go and come.
///
/// Neither loses time: `CLOCK_BOOTTIME` counts on in a suspend, and threads of a CPU that goes move to another.  But what
/// lasted longer because of it must not be taken for the application's doing.
struct HostChanges {
    /// `CLOCK_BOOTTIME` minus `CLOCK_MONOTONIC`: the time that the host has slept since its boot, ns.
    private var slept: UInt64
    /// Empty as long as they could not be read.
    private var cpus: Set<Int>

    /// What two clocks that are read one after the other may be apart without a suspend: the reader can lose its CPU between.
    /// A suspend to memory takes longer than that to enter and to leave.
    static let shortestSuspend: UInt64 = 100_000_000

    init(slept: UInt64 = Clock.sleptTime(), cpus: [Int]? = HostIdentity.onlineCPUNumbers()) {
        self.slept = slept
        self.cpus = Set(cpus ?? [])
    }

    /// What has changed since the last look.
    /// - Parameters:
    ///   - time: of this look, ns since the Unix epoch.
    ///   - online: nil if they cannot be read: then nothing is said of them.
    mutating func look(
        at time: UInt64, slept now: UInt64 = Clock.sleptTime(),
        cpus online: [Int]? = HostIdentity.onlineCPUNumbers()
    ) -> HostChange {
        var change = HostChange()
        if now > slept, now - slept >= Self.shortestSuspend {
            change.suspended = now - slept
            change.losses.append(suspend(change.suspended, time))
        }
        slept = max(slept, now)
        guard let online else { return change }
        let present = Set(online)
        if cpus.isEmpty { cpus = present }
        let gone = cpus.subtracting(present).sorted()
        let come = present.subtracting(cpus).sorted()
        cpus = present
        if !gone.isEmpty {
            change.losses.append(
                Loss(
                    time: time, what: "CPUs", place: "host", count: UInt64(gone.count),
                    advice:
                        "\(Self.list(gone)) went offline: its threads go on elsewhere, and no time is missing."
                ))
        }
        if !come.isEmpty {
            change.losses.append(
                Loss(
                    time: time, what: "CPUs not there at the beginning", place: "host",
                    count: UInt64(come.count),
                    advice:
                        "\(Self.list(come)) came online: time there is recorded, hardware counters (--pmu) are not."
                ))
        }
        return change
    }

    private func suspend(_ length: UInt64, _ time: UInt64) -> Loss {
        Loss(
            time: time, what: "suspend of the host", place: "host", count: 1,
            advice:
                "It slept for \(length / 1_000_000) ms in the tick that ended here: what was waited for then was waited "
                + "for that much longer.")
    }

    /// `CPU 1`, `CPUs 1, 3`
    private static func list(_ cpus: [Int]) -> String {
        (cpus.count == 1 ? "CPU " : "CPUs ") + cpus.map(String.init).joined(separator: ", ")
    }
}

/// What one look at the host found.
struct HostChange {
    /// ns in which the host slept.
    var suspended: UInt64 = 0
    var losses: [Loss] = []
}
