import BPF
import Model
import ProcFS

/// What recording needs and what can be found out in no time, in the order in which it is worth mending.
enum Requirements {
    static func checks(_ files: HostFiles, machine: String) -> [HostCheck] {
        let privileges = Privileges.toUseBPF(files)
        return [
            architecture(machine), kernelVersion(files), privileges, systemCall(privileges), types(files),
            lockdown(files), pidNamespace(files),
        ]
    }

    static func architecture(_ machine: String) -> HostCheck {
        HostCheck(
            "architecture", machine == "x86_64" ? .available : .unavailable, isRequired: true,
            detail: machine, neededFor: "telling what a system call waits for",
            remedy: "Use an x86-64 machine: the programs know no other architecture's system calls yet.")
    }

    static func kernelVersion(_ files: HostFiles) -> HostCheck {
        let neededFor = "the tracepoints and BPF features that recording rests on"
        guard let release = files.proc("sys/kernel/osrelease"),
            let version = KernelVersion(release: release)
        else {
            return HostCheck(
                "kernel version", .unknown, isRequired: true,
                detail: "\(files.proc)/sys/kernel/osrelease holds no version", neededFor: neededFor,
                remedy: "Mount /proc.")
        }
        let oldest = KernelVersion.oldestTested
        let isOld = version < oldest
        return HostCheck(
            "kernel version", isOld ? .unavailable : .available, isRequired: true,
            detail: isOld
                ? "Linux \(release) is older than \(oldest), and Stallscope is not tested below that"
                : "Linux \(release)",
            neededFor: neededFor, remedy: "Boot Linux \(oldest) or newer.")
    }

    static func types(_ files: HostFiles) -> HostCheck {
        let isThere = files.hasSys("kernel/btf/vmlinux")
        return HostCheck(
            "kernel types (BTF)", isThere ? .available : .unavailable, isRequired: true,
            detail: isThere ? "/sys/kernel/btf/vmlinux" : "there is no /sys/kernel/btf/vmlinux",
            neededFor: "finding the kernel's fields, whose places differ from kernel to kernel",
            remedy: "Mount /sys, or use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as those of the large "
                + "distributions are.")
    }

    /// - Parameter privileges: without them the kernel refuses the call, which says nothing about it.
    static func systemCall(_ privileges: HostCheck) -> HostCheck {
        let neededFor = "loading programs into the kernel"
        guard privileges.status == .available else {
            return HostCheck(
                "bpf() system call", .unknown, isRequired: true, detail: "not tried without privileges",
                neededFor: neededFor, remedy: privileges.remedy)
        }
        switch BPFSystemCall.probe() {
        case nil:
            return HostCheck(
                "bpf() system call", .available, isRequired: true, detail: "the kernel accepts it",
                neededFor: neededFor)
        case .noFunction?:
            return HostCheck(
                "bpf() system call", .unavailable, isRequired: true, detail: "the kernel does not have it",
                neededFor: neededFor, remedy: "Use a kernel built with CONFIG_BPF_SYSCALL=y.")
        case let error?:
            return HostCheck(
                "bpf() system call", .unavailable, isRequired: true,
                detail: "the kernel refuses bpf() (\(error)) although this process has the capabilities",
                neededFor: neededFor,
                remedy: "Run outside of the container, or start it with --privileged: its user namespace or "
                    + "its seccomp filter is in the way.")
        }
    }

    static func lockdown(_ files: HostFiles) -> HostCheck {
        // "none [integrity] confidentiality"; integrity only forbids what changes the kernel.
        let state = files.sys("kernel/security/lockdown")
        let isConfidential = state?.contains("[confidentiality]") ?? false
        return HostCheck(
            "lockdown", isConfidential ? .unavailable : .available, isRequired: true,
            detail: isConfidential
                ? "the kernel is locked down for confidentiality, so BPF programs may not read its memory"
                : state.map { "not in the way (\($0))" } ?? "not in force",
            neededFor: "reading the kernel's memory",
            remedy: "Boot without lockdown=confidentiality.")
    }

    /// The kernel's programs know processes by the host's ids.
    static func pidNamespace(_ files: HostFiles) -> HostCheck {
        let neededFor = "naming processes by the ids that the kernel knows them by"
        // PROC_PID_INIT_INO of linux/proc_ns.h.
        let initial = "pid:[4026531836]"
        guard let link = files.selfLink("ns/pid") else {
            return HostCheck(
                "host's process ids", .unknown, isRequired: true,
                detail: "\(files.proc)/self/ns/pid cannot be read", neededFor: neededFor,
                remedy: "Mount /proc.")
        }
        return HostCheck(
            "host's process ids", link == initial ? .available : .unavailable, isRequired: true,
            detail: link == initial
                ? "this process runs in the host's pid namespace"
                : "this process runs in a pid namespace of its own (a container)",
            neededFor: neededFor,
            remedy: "Run outside of the container, or start it with --pid=host.")
    }
}
