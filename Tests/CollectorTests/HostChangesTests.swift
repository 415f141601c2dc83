import Testing

@testable import Collector

/// Suspends, and CPUs that go and come.
@Suite struct HostChangesTests {
    private let second: UInt64 = 1_000_000_000

    @Test func whereNothingChangesNothingIsSaid() {
        var host = HostChanges(slept: 5 * second, cpus: [0, 1])
        // The two clocks are read one after the other.
        for slept in [5 * second, 5 * second + 99_000_000, 5 * second - 3, 5 * second + 99_000_000] {
            let change = host.look(at: 1, slept: slept, cpus: [1, 0])
            #expect(change.losses.isEmpty && change.suspended == 0)
        }
    }

    @Test func aSuspendIsToldOnceWithItsLength() throws {
        var host = HostChanges(slept: 5 * second, cpus: [0])
        let change = host.look(at: 77, slept: 25 * second, cpus: [0])
        #expect(change.suspended == 20 * second)
        let loss = try #require(change.losses.first)
        #expect(change.losses.count == 1 && loss.time == 77 && loss.advice.contains("20000 ms"))
        #expect(host.look(at: 78, slept: 25 * second, cpus: [0]).losses.isEmpty)
    }

    @Test func cpusThatGoAndComeAreNamed() {
        var host = HostChanges(slept: 0, cpus: [0, 1, 2, 511])
        let gone = host.look(at: 1, slept: 0, cpus: [0, 2]).losses
        #expect(gone.map(\.count) == [2])
        #expect(gone.first?.advice.hasPrefix("CPUs 1, 511 went offline") == true)
        let back = host.look(at: 2, slept: 0, cpus: [0, 2, 511]).losses
        #expect(back.map(\.count) == [1])
        #expect(back.first?.advice.hasPrefix("CPU 511 came online") == true)
    }

    @Test func cpusThatCannotBeReadHaveNotGone() {
        var host = HostChanges(slept: 0, cpus: nil)
        for cpus in [nil, [0, 1], nil, [0, 1]] as [[Int]?] {
            #expect(host.look(at: 1, slept: 0, cpus: cpus).losses.isEmpty)
        }
        #expect(host.look(at: 1, slept: 0, cpus: [0]).losses.map(\.what) == ["CPUs"])
    }
}
