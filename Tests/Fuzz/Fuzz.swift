// What libFuzzer calls with bytes that it makes up: `make fuzz`, docs/reliability.md.
import Glibc
import Recording

@testable import Netlink
@testable import Probes
@testable import ProcFS

/// FUZZ_TARGET names one of these.
private let targets: [String: (_ bytes: [UInt8]) -> Void] = [
    "procfs": fuzzProcFS, "netlink": fuzzNetlink, "events": fuzzEvents, "recording": fuzzRecording,
    "query": fuzzQuery,
]

private let target: ([UInt8]) -> Void = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = targets[name] else {
        fatalError("FUZZ_TARGET is one of \(targets.keys.sorted().joined(separator: ", "))")
    }
    return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    target(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}

/// The first byte chooses one of the files below /proc and /sys.
private func fuzzProcFS(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    let bytes = Array(input.dropFirst())
    let text = String(decoding: bytes, as: UTF8.self)
    let parsers: [() -> Void] = [
        { _ = ProcessStat(parsing: bytes) }, { _ = ProcessStatus(parsing: bytes) },
        { _ = SchedStat(parsing: bytes) }, { _ = MemoryMap(parsing: bytes) },
        { _ = MountTable(parsing: bytes) },
        { _ = UnixSockets(parsing: bytes) }, { _ = CgroupHierarchy.parse(mountinfo: bytes) },
        { _ = CgroupMembership(parsing: bytes) }, { _ = KernelSymbols(parsing: bytes) },
        { _ = PerfMap(parsing: bytes) },
        { _ = NetworkCounters(parsing: [bytes, bytes]) }, { _ = PressureTotals(parsing: bytes) },
        { _ = ProcessArguments.parse(bytes) }, { _ = ListeningPorts.parse(bytes, transport: .tcp) },
        { _ = FileDescriptorLink(parsing: text) }, { _ = Endpoint(parsing: text) },
        { _ = Demangler.demangle(text) },
    ]
    parsers[Int(choice) % parsers.count]()
}

private func fuzzNetlink(_ input: [UInt8]) {
    input.withUnsafeBytes { bytes in
        for message in ReceivedMessage.all(in: bytes) {
            _ = message.error
            _ = Family.id(in: message)
            _ = TaskstatsMessages.thread(in: message)
        }
        _ = TaskStatistics(bytes)
    }
}

/// What programs in the kernel say: nobody else can write there, but a newer program may.
private func fuzzEvents(_ input: [UInt8]) {
    input.withUnsafeBytes { bytes in
        _ = KernelEvent(bytes)
        _ = IntervalRecord(bytes)
        _ = StackRecord(bytes)
    }
}

/// A file of somebody else.
private func fuzzRecording(_ input: [UInt8]) {
    let path = "/dev/shm/stallscope-fuzz-\(getpid()).stall"
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { fatalError("\(path) cannot be made") }
    defer { unlink(path) }
    _ = input.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    close(file)
    expectASentence {
        let recording = try Recording.open(path)
        _ = try recording.ticks()
        _ = try recording.processes()
        _ = try recording.resources()
        _ = try recording.conservation()
        _ = try recording.targets()
    }
}

/// Works, or says what is wrong.
private func expectASentence(_ body: () throws -> Void) {
    do { try body() } catch {
        guard !"\(error)".isEmpty else { fatalError("an error without a word") }
    }
}

private let example: Recording = {
    guard let path = getenv("FUZZ_RECORDING").map({ String(cString: $0) }),
        let recording = try? Recording.open(path)
    else { fatalError("FUZZ_RECORDING is not a recording") }
    return recording
}()

/// SQL of somebody else, as `serve` takes it.
private func fuzzQuery(_ input: [UInt8]) {
    let limits = QueryLimits(rows: 100, seconds: 0.2)
    expectASentence { _ = try example.query(String(decoding: input, as: UTF8.self), limits: limits) }
}
