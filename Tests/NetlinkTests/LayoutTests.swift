import Model
import Testing

@testable import Netlink

/// `struct taskstats` as kernels of several versions write it.
@Suite struct LayoutTests {
    /// Sizes of the whole struct, and where its fields are, from linux/taskstats.h of Linux 5.5 to 6.15.
    @Test(arguments: [
        (10, 352), (11, 368), (12, 400), (13, 416), (14, 432), (15, 544), (16, 432), (99, 432),
    ])
    func readsNoMoreThanTheVersionHas(version: UInt16, size: Int) throws {
        #expect(try #require(TaskStatisticsLayout(version: version)).size == size)
        var bytes = [UInt8](repeating: 0, count: size - 1)
        bytes[0] = UInt8(version)
        #expect(bytes.withUnsafeBytes { TaskStatistics($0) } == nil)
        bytes.append(0)
        #expect(bytes.withUnsafeBytes { TaskStatistics($0) } != nil)
    }

    @Test func olderThanTenIsNotRead() {
        let bytes = [9] + [UInt8](repeating: 0, count: 1023)
        #expect(bytes.withUnsafeBytes { TaskStatistics($0) } == nil)
    }

    @Test func fieldsOfVersion14() throws {
        let stats = try #require(Fixture(version: 14).statistics)
        #expect(stats.tid == 4711 && stats.pid == 4710 && stats.parentPID == 1 && stats.comm == "worker")
        #expect(stats.exitCode == 256 && stats.elapsed == 5_000_000)
        #expect(stats.counters == Fixture.counters)
    }

    @Test func version15KeepsExtremesBetween() throws {
        #expect(try #require(Fixture(version: 15).statistics).counters == Fixture.counters)
    }

    @Test func whatAnOlderKernelDoesNotTellIsNil() throws {
        let stats = try #require(Fixture(version: 10).statistics)
        #expect(stats.pid == 0 && stats.counters.delays?.thrashing == TaskDelay(count: 5, total: 50))
        #expect(stats.counters.delays?.compaction == nil && stats.counters.delays?.interrupts == nil)
    }

    @Test func growth() {
        var later = Fixture.counters
        later.runVirtual += 5
        later.delays?.blockIO.total += 7
        let grown = later.since(Fixture.counters)
        #expect(grown.runVirtual == 5 && grown.delays?.blockIO == TaskDelay(count: 0, total: 7))
        #expect(Fixture.counters.since(later).runVirtual == Fixture.counters.runVirtual)
    }
}

/// Bytes as a kernel would send them.
struct Fixture {
    var bytes: [UInt8]

    static let counters = TaskCounters(
        cpu: TaskDelay(count: 1, total: 10), runReal: 1000, runVirtual: 1001, voluntary: 21, involuntary: 22,
        readBytes: 4096, writtenBytes: 8192,
        delays: TaskDelays(
            blockIO: TaskDelay(count: 2, total: 20), swapIn: TaskDelay(count: 3, total: 30),
            reclaim: TaskDelay(count: 4, total: 40), thrashing: TaskDelay(count: 5, total: 50),
            compaction: TaskDelay(count: 6, total: 60), writeProtectCopy: TaskDelay(count: 7, total: 70),
            interrupts: TaskDelay(count: 8, total: 80)))

    /// Field after field, as the header has them.
    init(version: UInt16) {
        bytes = []
        let hasExtremes = version == 15
        func delay(_ number: UInt64) -> [UInt64] {
            [number, number * 10] + (hasExtremes ? [number * 9, number] : [])
        }
        add([UInt64(version) | 256 << 32, 0])
        for number: UInt64 in 1...3 { add(delay(number)) }
        add([1000, 1001])
        bytes += Array("worker".utf8) + [UInt8](repeating: 0, count: 26)
        // Scheduling policy; user and group; thread and parent; begin; elapsed, user and system time.
        add([0, 1000 | 1000 << 32, 4711 | 1 << 32, 1_700_000_000, 5000, 3000, 2000])
        // Faults, memory, characters and calls; bytes; switches; scaled times.
        add([UInt64](repeating: 77, count: 10) + [4096, 8192, 0, 21, 22] + [UInt64](repeating: 66, count: 3))
        for number: UInt64 in 4...5 { add(delay(number)) }
        add([1_700_000_000])
        if version >= 11 { add(delay(6)) }
        if version >= 12 { add([4710, 5000, 1, 2]) }
        if version >= 13 { add(delay(7)) }
        if version >= 14 { add(delay(8)) }
    }

    var statistics: TaskStatistics? { bytes.withUnsafeBytes { TaskStatistics($0) } }

    private mutating func add(_ values: [UInt64]) {
        for value in values { withUnsafeBytes(of: value) { bytes += $0 } }
    }
}
