import CLibbpf
import Glibc
import SystemPackage

/// Whether `bpf(2)` can be used at all, whatever for.
public enum BPFSystemCall {
    /// Makes a map of one element and closes it again.
    ///
    /// - Returns: nil if that worked, `noFunction` on a kernel without BPF, `notPermitted` where this process
    ///   lacks a privilege or a container's filter refuses the call.
    public static func probe() -> Errno? {
        LibraryLog.install()
        let result = bpf_map_create(BPF_MAP_TYPE_ARRAY, "stallscope", 4, 4, 1, nil)
        guard result >= 0 else { return Errno(rawValue: -result) }
        close(result)
        return nil
    }
}
