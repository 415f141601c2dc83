import CLibbpf
import Glibc
import SystemPackage

/// A performance counter that counts on one CPU, whoever runs there; it is closed when this is released.
public final class CPUCounter {
    let descriptor: Int32

    /// - Parameters:
    ///   - type: `PERF_TYPE_...`, and `config` the event of that type, as in `perf_event_open(2)`.
    ///   - cpu: the CPU's number.
    /// - Throws: `noSuchFileOrDirectory` or `notSupported` (as `unsupported`) where the machine has no such event.
    public init(type: UInt32, config: UInt64, cpu: Int) throws(BPFError) {
        descriptor = open_cpu_counter(type, config, Int32(cpu))
        guard descriptor >= 0 else {
            throw BPFError(step: "open a performance counter", errno: Errno(rawValue: Glibc.errno))
        }
    }

    deinit { close(descriptor) }
}

extension Object {
    /// Lets programs read a counter through a map of type `PERF_EVENT_ARRAY`.
    public func place(_ counter: CPUCounter, at index: UInt32, ofMap name: String) throws(BPFError) {
        let map = try self.map(name)
        var index = index
        var descriptor = counter.descriptor
        let result = bpf_map_update_elem(bpf_map__fd(map), &index, &descriptor, UInt64(BPF_ANY))
        guard result == 0 else { throw BPFError(step: "write to the map \(name)", result: result) }
    }

    /// Runs a `raw_tp` program on one CPU, in an interrupt of whatever runs there.
    public func run(_ name: String, onCPU cpu: Int) throws(BPFError) {
        var options = bpf_test_run_opts()
        options.sz = MemoryLayout<bpf_test_run_opts>.size
        options.flags = UInt32(BPF_F_TEST_RUN_ON_CPU)
        options.cpu = UInt32(cpu)
        let result = bpf_prog_test_run_opts(bpf_program__fd(try program(name)), &options)
        // A CPU that has gone offline runs nothing that could be counted.
        guard result == 0 || result == -ENXIO else {
            throw BPFError(step: "run the program \(name)", result: result)
        }
    }
}
