import CLibbpf
import Glibc
import SystemPackage

/// A BPF object that has been parsed but not loaded: programs can be left out, data set, maps resized.
///
/// Loading consumes it, so nothing can be configured when it would be too late.
public struct OpenObject: ~Copyable {
    private let handle: OpaquePointer
    private var isLoaded = false

    /// Parses an ELF object made by `clang -target bpf`.
    public init(_ bytes: [UInt8], name: String) throws(BPFError) {
        LibraryLog.install()
        let opened = bytes.withUnsafeBytes { bytes in
            name.withCString { name in
                Self.kernelTypes.withCString { types in
                    var options = bpf_object_open_opts()
                    options.sz = MemoryLayout<bpf_object_open_opts>.size
                    options.object_name = name
                    // It would look there anyway; given this, it does not look for what is missing there in all modules,
                    // which takes CAP_SYS_ADMIN.
                    options.btf_custom_path = types
                    // libbpf copies the bytes and the names before it returns.
                    return bpf_object__open_mem(bytes.baseAddress, bytes.count, &options)
                }
            }
        }
        guard let opened else {
            throw BPFError(
                step: "open the BPF object", errno: Errno(rawValue: Glibc.errno), log: LibraryLog.take())
        }
        handle = opened
    }

    private static let kernelTypes = "/sys/kernel/btf/vmlinux"

    deinit {
        if !isLoaded { bpf_object__close(handle) }
    }

    /// Leaves a program out, for kernels that have no such hook: one that cannot attach fails the whole load.
    public func leaveOut(program name: String) throws(BPFError) {
        guard let program = bpf_object__find_program_by_name(handle, name) else {
            throw BPFError(.missing, step: "leave out the program \(name)", errno: .noSuchFileOrDirectory)
        }
        bpf_program__set_autoload(program, false)
    }

    /// Sets how many elements a map can hold (bytes for a ring buffer).
    public func resize(map name: String, to count: UInt32) throws(BPFError) {
        guard let map = bpf_object__find_map_by_name(handle, name) else {
            throw BPFError(.missing, step: "resize the map \(name)", errno: .noSuchFileOrDirectory)
        }
        let result = bpf_map__set_max_entries(map, count)
        guard result == 0 else { throw BPFError(step: "resize the map \(name)", result: result) }
    }

    /// Sets the first variable of a read-only data section, which the verifier then takes as constant.
    public func set<Value: BitwiseCopyable>(section name: String, to value: Value) throws(BPFError) {
        var size = 0
        guard let map = bpf_object__find_map_by_name(handle, name),
            let place = UnsafeRawPointer(bpf_map__initial_value(map, &size)), size >= MemoryLayout<Value>.size
        else {
            throw BPFError(.missing, step: "configure \(name)", errno: .noSuchFileOrDirectory)
        }
        // `place` is libbpf's own copy of the section, at least as large as the value and page aligned.
        UnsafeMutableRawPointer(mutating: place).storeBytes(of: value, as: Value.self)
    }

    /// Relocates, verifies and loads every program that was not left out.
    public consuming func load() throws(BPFError) -> Object {
        _ = LibraryLog.take()
        let result = bpf_object__load(handle)
        guard result == 0 else {
            throw BPFError(step: "load the BPF programs", result: result, log: LibraryLog.take())
        }
        isLoaded = true
        return Object(handle)
    }
}
