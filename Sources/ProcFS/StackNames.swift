import Glibc
import Model

/// Names of the functions in call stacks: of processes by their memory maps and the symbols of the files in them, of
/// code that is made while they run by their perf maps, of the kernel by `/proc/kallsyms`.
public final class StackNames {
    private let proc: ProcTree
    private let symbols: SymbolNames
    private lazy var kernel = KernelSymbols.read(proc: proc)
    private var spaces: [UInt64: AddressSpace] = [:]
    /// The incarnation that each process has by now: the map of an earlier one cannot be read any more.
    private var present: [UInt32: UInt64] = [:]

    /// What is known of the memory of one incarnation of a process.
    private struct AddressSpace {
        var pid: UInt32
        var map: MemoryMap?
        var perfMap: PerfMapFile?
        var readAt: UInt64
    }

    private static let keptSpaces = 512
    /// Nanoseconds after which a map is read again when an address is not in it.
    private static let freshness: UInt64 = 50_000_000

    public init(proc: ProcTree = ProcTree(), symbols: SymbolNames? = nil) {
        self.proc = proc
        self.symbols = symbols ?? SymbolNames(proc: proc)
    }

    /// More than a hundred thousand lines, which are better read before there are stacks that wait for their names.
    public func readKernelSymbols() { _ = kernel }

    /// Reads what goes away with the process, unless that is known: its memory map.
    ///
    /// - Parameter incarnation: tells a process from others of its number, and from what it was before an execve.
    public func meet(pid: UInt32, incarnation: UInt64) {
        present[pid] = incarnation
        guard spaces[incarnation] == nil else { return }
        if spaces.count >= Self.keptSpaces {
            let old = spaces.sorted { $0.value.readAt < $1.value.readAt }.prefix(Self.keptSpaces / 2)
            for (key, space) in old {
                spaces[key] = nil
                if present[space.pid] == key { present[space.pid] = nil }
            }
            present[pid] = incarnation
        }
        spaces[incarnation] = AddressSpace(
            pid: pid, map: proc.memoryMap(of: pid), perfMap: PerfMapFile(of: pid, proc: proc),
            readAt: Self.now())
    }

    // MARK: Processes

    /// Frames of a process's stack, the innermost first.  Where the chain of frame pointers leads out of all code, it ends
    /// with a frame named `[unknown]`.
    ///
    /// - Parameter addresses: where the thread is, and where each call returns to.
    public func frames(of addresses: [UInt64], pid: UInt32, incarnation: UInt64) -> [StackFrame] {
        meet(pid: pid, incarnation: incarnation)
        var frames: [StackFrame] = []
        for (depth, address) in addresses.enumerated() {
            // A call may be the last instruction of its function: what it returns to is already the next one.
            let place = depth == 0 ? address : address &- 1
            refresh(incarnation, for: place)
            guard let space = spaces[incarnation], let map = space.map else {
                frames.append(StackFrame(function: "", module: "", address: address))
                continue
            }
            guard let mapping = map.mapping(of: place), mapping.isExecutable else {
                frames.append(StackFrame(function: "[unknown]", module: "", address: address))
                break
            }
            frames.append(frame(at: place, mapping, map, incarnation, space.pid))
        }
        return frames
    }

    private func refresh(_ incarnation: UInt64, for address: UInt64) {
        guard let space = spaces[incarnation], present[space.pid] == incarnation,
            !(space.map?.mapping(of: address)?.isExecutable ?? false),
            Self.now() - space.readAt > Self.freshness
        else { return }
        spaces[incarnation]?.readAt = Self.now()
        // Of a process that is gone, what was known stays.
        guard let map = proc.memoryMap(of: space.pid) else { return }
        spaces[incarnation]?.map = map
    }

    private func frame(
        at address: UInt64, _ mapping: Mapping, _ map: MemoryMap, _ incarnation: UInt64, _ pid: UInt32
    ) -> StackFrame {
        let image = map.image(of: address)
        var frame = StackFrame(function: "", module: "", address: address)
        if let image {
            frame.module = image.mapping.fileName
            frame.address = address - image.base
            if case .success(let table) = symbols.table(of: image, in: pid) {
                frame.address = table.fileAddress(of: address, base: image.base)
                if let symbol = table.symbol(containing: frame.address) {
                    (frame.function, frame.offset) = (symbol.name, symbol.offset)
                    if let place = symbols.line(at: frame.address, in: image, of: pid) {
                        (frame.file, frame.line) = (place.file, place.line)
                    }
                    return frame
                }
            }
        }
        if let symbol = spaces[incarnation]?.perfMap?.symbol(containing: address) {
            return StackFrame(function: symbol.name, module: "JIT", address: address, offset: symbol.offset)
        }
        if image == nil, mapping.path.hasPrefix("["), !mapping.path.hasPrefix("[anon") {
            (frame.module, frame.address) = (mapping.path, address - mapping.start)
        }
        return frame
    }

    // MARK: The kernel

    /// Frames of the kernel's side of a stack, the innermost first, without those of the tracing itself.
    public func kernelFrames(of addresses: [UInt64]) -> [StackFrame] {
        let frames = addresses.enumerated().map { depth, address in
            // A call may be the last instruction here, too.
            let place = kernel.place(of: depth == 0 ? address : address &- 1)
            return StackFrame(
                function: place?.name ?? "", module: place?.module ?? "kernel", address: address,
                offset: place?.offset ?? 0, isKernel: true)
        }
        let tracing = frames.prefix(Self.deepestTracing).lastIndex { frame in
            Self.tracing.contains { frame.function.hasPrefix($0) }
        }
        return Array(frames.dropFirst(tracing.map { $0 + 1 } ?? 0))
    }

    /// From the tracepoint to the helper that takes the stack there are some eight calls.
    private static let deepestTracing = 16
    private static let tracing = [
        "bpf_prog_", "bpf_trace_run", "__bpf_trace_", "__traceiter_", "bpf_get_stack", "__bpf_get_stack",
        "bpf_get_task_stack", "get_perf_callchain", "perf_callchain", "bpf_trampoline",
    ]

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
