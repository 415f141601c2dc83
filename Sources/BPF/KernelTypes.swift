import CLibbpf
import Glibc
import SystemPackage

/// The running kernel's types, as its BTF describes them: some megabytes, so who asks more than one question keeps them
/// in between.
public final class KernelTypes {
    /// libbpf's copy, ours to free.
    let types: OpaquePointer

    /// Kinds of linux/btf.h.
    private enum Kind {
        static let structure: UInt32 = 4
        static let typedef: UInt32 = 8
        static let function: UInt32 = 12
        static let variable: UInt32 = 14
    }

    /// Reads `/sys/kernel/btf/vmlinux`, or a copy of it in one of the places where libbpf looks.
    public init() throws(BPFError) {
        LibraryLog.install()
        guard let types = btf__load_vmlinux_btf() else {
            throw BPFError(
                step: "read the kernel's types (BTF)", errno: Errno(rawValue: Glibc.errno),
                log: LibraryLog.take())
        }
        self.types = types
    }

    deinit { btf__free(types) }

    /// Whether a `tp_btf` program can attach to this tracepoint.
    public func hasTracepoint(_ name: String) -> Bool { find("btf_trace_" + name, Kind.typedef) != nil }

    /// Whether the kernel has a per-CPU variable of this name, which is all that BTF keeps of variables.
    public func hasPerCPUVariable(_ name: String) -> Bool { find(name, Kind.variable) != nil }

    /// Whether there is a function of this name; one that BPF programs may call (a kfunc) is one.
    public func hasFunction(_ name: String) -> Bool { find(name, Kind.function) != nil }

    /// Whether a structure has a member of this name, not counting those of anonymous structures in it.
    public func hasMember(_ name: String, of structure: String) -> Bool {
        guard let id = find(structure, Kind.structure), let type = btf__type_by_id(types, id) else {
            return false
        }
        // A structure's type is followed by one entry for each of its members.
        let members = UnsafeRawPointer(type + 1).assumingMemoryBound(to: btf_member.self)
        return (0..<Int(type.pointee.info & 0xffff)).contains { index in
            btf__name_by_offset(types, members[index].name_off).map { strcmp($0, name) == 0 } ?? false
        }
    }

    private func find(_ name: String, _ kind: UInt32) -> UInt32? {
        let id = btf__find_by_name_kind(types, name, kind)
        return id > 0 ? UInt32(id) : nil
    }
}
