import Model
import Netlink
import ProcFS

/// Whether the kernel's own account of threads can be had.
enum TaskAccounting {
    static func check(_ files: HostFiles) -> HostCheck {
        let neededFor =
            "record --taskstats: the kernel's own account of each thread, and totals where BPF cannot be used"
        // A tree that stands for a host has no kernel to ask.
        guard files.proc == "/proc" else {
            return HostCheck(
                "taskstats", .unknown, detail: "not asked: \(files.proc) is not this host's",
                neededFor: neededFor,
                remedy: "Run on the host itself.")
        }
        do throws(NetlinkError) {
            _ = try Taskstats(exitsOnCPUs: files.sys("devices/system/cpu/possible") ?? "0")
            return HostCheck(
                "taskstats", .available, detail: "the kernel answers, and tells of ends", neededFor: neededFor
            )
        } catch {
            return HostCheck(
                "taskstats", .unavailable, detail: error.fact, neededFor: neededFor, remedy: error.remedy)
        }
    }
}
