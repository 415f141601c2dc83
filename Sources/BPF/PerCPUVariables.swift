import CLibbpf
import SystemPackage

/// Where the kernel keeps per-CPU variables, relative to one another, as its BTF tells.
public final class PerCPUVariables {
    private let kernel: KernelTypes
    private var types: OpaquePointer { kernel.types }
    /// `BTF_KIND_DATASEC` in linux/btf.h, where it is both a macro and an enumerator, so Swift sees neither.
    private static let dataSectionKind: UInt32 = 15
    private var variables: [String: (offset: Int, type: UInt32)] = [:]

    /// - Returns: nil if the types do not tell of such variables.
    public init?(_ kernel: KernelTypes) {
        self.kernel = kernel
        let section = btf__find_by_name_kind(types, ".data..percpu", Self.dataSectionKind)
        guard section > 0, let header = btf__type_by_id(types, UInt32(section)),
            let entries = btf_var_secinfos(header)
        else { return nil }
        // A data section's type is followed by one entry for each of its variables.
        for index in 0..<Int(btf_vlen(header)) {
            guard let variable = btf__type_by_id(types, entries[index].type) else { continue }
            variables[name(variable.pointee.name_off)] = (Int(entries[index].offset), variable.pointee.type)
        }
    }

    /// Bytes from one variable to another, or to a member of it, on the same CPU; nil if the kernel does not
    /// have them.
    public func distance(from: String, to: String, member: String? = nil) -> Int? {
        guard let start = variables[from]?.offset, let end = variables[to] else { return nil }
        guard let member else { return end.offset - start }
        return bits(to: member, in: end.type).map { end.offset - start + $0 / 8 }
    }

    /// Where a structure keeps a member, which may lie in structures and unions without a name of their own.
    private func bits(to member: String, in id: UInt32) -> Int? {
        guard let type = btf__type_by_id(types, id), btf_is_composite(type),
            let members = btf_members(type)
        else { return nil }
        for index in 0..<UInt32(btf_vlen(type)) {
            let candidate = members[Int(index)]
            let start = Int(btf_member_bit_offset(type, index))
            switch name(candidate.name_off) {
            case member: return start
            case "":
                if let inner = bits(to: member, in: candidate.type) { return start + inner }
            default: continue
            }
        }
        return nil
    }

    private func name(_ offset: UInt32) -> String {
        btf__name_by_offset(types, offset).map { String(cString: $0) } ?? ""
    }
}
