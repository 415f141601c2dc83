import Model
import ProcFS

/// What the kernel itself counts, and who may read it.
enum HostAccounting {
    static func checks(_ files: HostFiles) -> [HostCheck] {
        [
            delayAccounting(files), pressure(files), hardwareCounters(files), cgroups(files),
            limits(files), runQueue(files), symbols(files), lockedMemory(files),
        ]
    }

    static func delayAccounting(_ files: HostFiles) -> HostCheck {
        let neededFor = "the kernel's own times for swapping, reclaim and block I/O of each task"
        switch files.proc("sys/kernel/task_delayacct") {
        case "1":
            return HostCheck("task delay accounting", .available, detail: "on", neededFor: neededFor)
        case nil:
            return HostCheck(
                "task delay accounting", .unavailable, detail: "this kernel cannot do it",
                neededFor: neededFor, remedy: "Use a kernel built with CONFIG_TASK_DELAY_ACCT=y.")
        default:
            return HostCheck(
                "task delay accounting", .unavailable, detail: "off", neededFor: neededFor,
                remedy: "sysctl kernel.task_delayacct=1, or record --taskstats --enable-delayacct")
        }
    }

    static func pressure(_ files: HostFiles) -> HostCheck {
        let isThere = files.proc("pressure/cpu") != nil
        return HostCheck(
            "pressure (PSI)", isThere ? .available : .unavailable,
            detail: isThere ? "/proc/pressure" : "/proc/pressure cannot be read",
            neededFor: "how much of the time the whole host was short of CPU, memory or I/O",
            remedy: "Boot with psi=1, or use a kernel built with CONFIG_PSI=y.")
    }

    /// Without the controllers, cgroups have neither quotas nor limits of memory.
    static func limits(_ files: HostFiles) -> HostCheck {
        let hierarchies = files.cgroupHierarchies()
        let missing = ["cpu", "memory"].filter { name in
            !hierarchies.contains { $0.isUnified || $0.controllers.contains(name) }
        }
        return HostCheck(
            "limits of cgroups", missing.isEmpty ? .available : .unavailable,
            detail: missing.isEmpty
                ? "cpu and memory" : "not mounted: " + missing.joined(separator: " and "),
            neededFor: "throttling by CPU quotas, limits of memory that are met",
            remedy: "Mount the controllers: mount -t cgroup2 none /sys/fs/cgroup.")
    }

    static func runQueue(_ files: HostFiles) -> HostCheck {
        let isThere = files.proc("schedstat") != nil
        return HostCheck(
            "mean run queue", isThere ? .available : .unavailable,
            detail: isThere ? "/proc/schedstat" : "/proc/schedstat cannot be read",
            neededFor: "how many tasks of the whole host waited for a CPU; how many there are at the end "
                + "of a tick is told without",
            remedy: "Use a kernel built with CONFIG_SCHEDSTATS=y.")
    }

    static func hardwareCounters(_ files: HostFiles) -> HostCheck {
        // cpu_core: a machine with two kinds of cores.
        let unit = ["cpu", "cpu_core"].first { files.hasSys("bus/event_source/devices/" + $0) }
        return HostCheck(
            "hardware counters (PMU)", unit == nil ? .unavailable : .available,
            detail: unit.map { "/sys/bus/event_source/devices/\($0)" }
                ?? "the kernel found none, as in most virtual machines",
            neededFor: "cycles, instructions and cache misses of each thread",
            remedy: "Let the hypervisor pass the counters on (vPMU), or use bare metal.")
    }

    static func cgroups(_ files: HostFiles) -> HostCheck {
        let names = files.cgroupHierarchies().map(\.name)
        return HostCheck(
            "cgroups", names.isEmpty ? .unavailable : .available,
            detail: names.isEmpty ? "no hierarchy is mounted" : names.joined(separator: "; "),
            neededFor: "--cgroup, container ids, and CPU quotas", remedy: "Mount /sys/fs/cgroup.")
    }

    static func symbols(_ files: HostFiles) -> HostCheck {
        let isReadable = files.showsSymbolAddresses()
        return HostCheck(
            "kernel symbols", isReadable == true ? .available : .unavailable,
            detail: isReadable.map { $0 ? "/proc/kallsyms" : "/proc/kallsyms hides the addresses" }
                ?? "/proc/kallsyms cannot be read",
            neededFor: "names of the kernel's own locks, and in the kernel's side of stacks (--stacks)",
            remedy:
                "Run as root, with sysctl kernel.kptr_restrict=1 or 0, on a kernel with CONFIG_KALLSYMS=y.")
    }

    static func residency(isThere: Bool) -> HostCheck {
        HostCheck(
            "cachestat(2)", isThere ? .available : .unavailable,
            detail: isThere
                ? "the kernel tells how much of a file is in the page cache"
                : "the kernel does not have the call, or a filter refuses it",
            neededFor: "how much of the files that targets use is in the page cache (--page-cache)",
            remedy: "Use Linux 6.5 or newer; in a container, let its seccomp profile allow the call.")
    }

    static func lockedMemory(_ files: HostFiles) -> HostCheck {
        let limit = files.limit("Max locked memory")
        return HostCheck(
            "locked memory", limit == nil ? .unknown : .available,
            detail: limit.map { "\($0); BPF maps do not count, they are charged to the cgroup" }
                ?? "\(files.proc)/self/limits cannot be read",
            neededFor: "buffers of hardware counters", remedy: "Mount /proc.")
    }
}
