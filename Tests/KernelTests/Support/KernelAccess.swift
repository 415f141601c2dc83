import BPF
import Glibc
import Testing

/// Whether these tests can run at all: they do, and so may fail, unless the machine refuses the least that there is of
/// BPF too.  With STALLSCOPE_REQUIRE_KERNEL=1 they run, and so fail, anyway.
enum KernelAccess {
    static let isRequired = getenv("STALLSCOPE_REQUIRE_KERNEL").map { String(cString: $0) == "1" } ?? false
    static let isAvailable = BPFSystemCall.probe() == nil
    /// Without hardware help everything takes ten times as long, and how long says nothing.
    static let isEmulated = getenv("STALLSCOPE_EMULATED").map { String(cString: $0) == "1" } ?? false

    /// How much of something to do: a sixth under emulation.
    static func scaled(_ count: Int) -> Int { isEmulated ? count / 6 : count }
}

extension KernelAccess {
    /// Nanoseconds that a measurement of so many may be off: a share, and more where time means nothing.
    static func slack(_ nanoseconds: UInt64, _ share: Double = 0.01) -> UInt64 {
        max(UInt64(Double(nanoseconds) * Self.share(share)), 100_000)
    }

    static func share(_ share: Double) -> Double { isEmulated ? 0.5 : share }
}

extension Trait where Self == ConditionTrait {
    /// What the emulated machine has not: it runs from memory, with a few tools.
    static var needsDiskAndCgroups: Self {
        .enabled(if: !KernelAccess.isEmulated, "needs a disk and cgroups")
    }

    /// Emulated, most of such a wait begins before the quota is used up.
    static var needsRealTime: Self {
        .disabled(if: KernelAccess.isEmulated, "needs CPUs that are as fast as their clock")
    }

    static var needsKernel: Self {
        .enabled(
            if: KernelAccess.isRequired || KernelAccess.isAvailable,
            "this machine does not let them load any BPF program")
    }

    /// The small machines in which other kernels are tested have neither the tools nor the drivers.
    static var needsNetwork: Self {
        .disabled(if: KernelAccess.isEmulated, "needs ip(8) and virtual Ethernet cables")
    }
}
