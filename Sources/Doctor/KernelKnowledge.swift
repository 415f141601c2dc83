import BPF
import Model
import ProcFS

/// What the kernel's types say about finer distinctions.
enum KernelKnowledge {
    static func checks(_ files: HostFiles) -> [HostCheck] {
        do {
            let types = try KernelTypes()
            return Tracepoint.optional.map { $0.check { types.hasTracepoint($0) } }
                + [interrupts(types), stolenTime(types, files)]
        } catch {
            let names =
                Tracepoint.optional.map { ("tracepoint \($0.name)", $0.neededFor) }
                + [("interrupt context", interruptUse), ("stolen time", stolenUse)]
            return names.map { name, use in
                HostCheck(
                    name, .unknown, detail: "the kernel's types (BTF) cannot be read", neededFor: use,
                    remedy: "See what is said of BTF above.")
            }
        }
    }

    private static let interruptUse =
        "telling wakes by an interrupt from those by the task that it interrupted"
    private static let stolenUse = "telling what a hypervisor took from a running thread"

    private static func interrupts(_ types: KernelTypes) -> HostCheck {
        // A variable of its own, but a member of pcpu_hot from Linux 6.2 to 6.14.
        let place = ["__preempt_count", "pcpu_hot"].first { types.hasPerCPUVariable($0) }
        return HostCheck(
            "interrupt context", place == nil ? .unavailable : .available,
            detail: place.map { "read from the per-CPU variable \($0)" }
                ?? "this kernel's types name neither __preempt_count nor pcpu_hot",
            neededFor: interruptUse,
            remedy:
                "Wakers of such waits may be threads that had nothing to do with them; use another kernel.")
    }

    private static func stolenTime(_ types: KernelTypes, _ files: HostFiles) -> HostCheck {
        // Present with CONFIG_PARAVIRT_TIME_ACCOUNTING only.
        let isKnown = types.hasMember("prev_steal_time_rq", of: "rq")
        return HostCheck(
            "stolen time", isKnown ? .available : .unavailable,
            detail: isKnown
                ? "the kernel accounts for it" : "this kernel leaves such time on the CPU of the thread",
            neededFor: stolenUse,
            remedy:
                "Use a kernel built with CONFIG_PARAVIRT_TIME_ACCOUNTING=y; on bare metal nothing is missing."
        )
    }
}
