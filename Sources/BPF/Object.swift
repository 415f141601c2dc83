import CLibbpf
import Glibc
import SystemPackage

/// A loaded BPF object.  Its programs and maps live until it and every ``Link`` are gone, or the process ends.
public final class Object {
    private let handle: OpaquePointer
    private var mapped: [UnsafeMutableRawBufferPointer] = []

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit {
        for section in mapped { munmap(section.baseAddress, section.count) }
        bpf_object__close(handle)
    }

    /// Attaches a program to the hook that its section names.
    public func attach(_ name: String) throws(BPFError) -> Link {
        let program = try program(name)
        guard let link = bpf_program__attach(program) else {
            throw BPFError(
                step: "attach the program \(name)", errno: Errno(rawValue: Glibc.errno),
                log: LibraryLog.take())
        }
        return Link(link)
    }

    /// An iterator program, to be run as often as needed.
    public func taskIterator(_ name: String) throws(BPFError) -> TaskIterator {
        TaskIterator(try attach(name), name: name)
    }

    public func map<Key: BitwiseCopyable, Value: BitwiseCopyable>(
        _ name: String, key: Key.Type, value: Value.Type
    ) throws(BPFError) -> Map<Key, Value> {
        let map = try self.map(name)
        guard Int(bpf_map__key_size(map)) == MemoryLayout<Key>.stride,
            Int(bpf_map__value_size(map)) == MemoryLayout<Value>.stride
        else {
            throw BPFError(.missing, step: "use the map \(name) with these types", errno: .invalidArgument)
        }
        return Map(descriptor: bpf_map__fd(map), capacity: Int(bpf_map__max_entries(map)), name: name)
    }

    public func ringBuffer(
        _ name: String, receive: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(BPFError) -> RingBuffer {
        try RingBuffer(descriptor: bpf_map__fd(map(name)), receive: receive)
    }

    /// Another ring buffer that `buffer` reads too.
    public func addRingBuffer(
        _ name: String, to buffer: RingBuffer, receive: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(BPFError) {
        try buffer.add(descriptor: bpf_map__fd(map(name)), receive: receive)
    }

    /// The bytes of a writable data section, shared with the running programs.
    ///
    /// Valid as long as this object.
    public func section(_ name: String) throws(BPFError) -> UnsafeMutableRawBufferPointer {
        let map = try map(name)
        let size = Int(bpf_map__value_size(map))
        // libbpf makes these maps so that they can be mapped; its own copy is only what they start with.
        let place = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0)
        guard let place, place != MAP_FAILED else {
            throw BPFError(step: "map the data section \(name)", errno: Errno(rawValue: Glibc.errno))
        }
        let section = UnsafeMutableRawBufferPointer(start: place, count: size)
        mapped.append(section)
        return section
    }

    /// Runs a program that is attached to nothing, once.
    public func run(_ name: String) throws(BPFError) {
        var options = bpf_test_run_opts()
        options.sz = MemoryLayout<bpf_test_run_opts>.size
        let result = bpf_prog_test_run_opts(bpf_program__fd(try program(name)), &options)
        guard result == 0 else { throw BPFError(step: "run the program \(name)", result: result) }
    }

    /// Runs of a program that the kernel skipped because it was already running on that CPU.
    public func missedRuns(of name: String) throws(BPFError) -> UInt64 {
        var info = bpf_prog_info()
        var size = UInt32(MemoryLayout<bpf_prog_info>.size)
        let result = bpf_obj_get_info_by_fd(bpf_program__fd(try program(name)), &info, &size)
        guard result == 0 else { throw BPFError(step: "ask about the program \(name)", result: result) }
        return info.recursion_misses
    }

    func program(_ name: String) throws(BPFError) -> OpaquePointer {
        guard let program = bpf_object__find_program_by_name(handle, name) else {
            throw BPFError(.missing, step: "find the program \(name)", errno: .noSuchFileOrDirectory)
        }
        return program
    }

    func map(_ name: String) throws(BPFError) -> OpaquePointer {
        guard let map = bpf_object__find_map_by_name(handle, name) else {
            throw BPFError(.missing, step: "find the map \(name)", errno: .noSuchFileOrDirectory)
        }
        return map
    }
}

/// An attached program; it is detached when this is released.
public final class Link {
    private let handle: OpaquePointer
    init(_ handle: OpaquePointer) { self.handle = handle }
    var descriptor: Int32 { bpf_link__fd(handle) }
    deinit { bpf_link__destroy(handle) }
}
