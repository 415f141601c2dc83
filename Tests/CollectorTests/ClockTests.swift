import Testing

@testable import Collector

/// Boot time and wall time.
@Suite struct ClockTests {
    @Test func bothClocksRun() {
        let boot = Clock.bootTime()
        let wall = Clock.wallTime()
        #expect(Clock.bootTime() > boot)
        #expect(wall > 1_600_000_000_000_000_000)
        let mapped = Clock.bootTime() &+ ClockMapping.now().offset
        let difference = Int64(bitPattern: Clock.wallTime() &- mapped)
        #expect(difference.magnitude < 50_000_000)
    }

    @Test func slewingIsFollowedInSilence() {
        var mapping = ClockMapping(offset: 1_000_000_000)
        for step in 1...20 as ClosedRange<UInt64> {
            #expect(mapping.reanchor(to: 1_000_000_000 + step * 50_000_000) == nil)
        }
        #expect(mapping.offset == 2_000_000_000)
    }

    /// What a reading of two clocks is off by is no change.
    @Test func noiseIsNotFollowed() {
        var mapping = ClockMapping(offset: 1_000_000_000)
        for measured: UInt64 in [1_000_000_300, 999_999_700, 1_000_001_000, 999_999_000] {
            #expect(mapping.reanchor(to: measured) == nil)
            #expect(mapping.offset == 1_000_000_000)
        }
    }

    @Test(arguments: [3_600_000_000_000, -3_600_000_000_000, 100_000_001, -100_000_001] as [Int64])
    func aStepIsToldOnce(step: Int64) {
        let start: UInt64 = 1_700_000_000_000_000_000
        var mapping = ClockMapping(offset: start)
        let target = start &+ UInt64(bitPattern: step)
        #expect(mapping.reanchor(to: target) == step)
        #expect(mapping.offset == target)
        #expect(mapping.reanchor(to: target) == nil)
    }

    /// A machine whose wall clock is behind its boot time: before 1970, or set to it.
    @Test func theOffsetMayWrap() {
        var mapping = ClockMapping(offset: UInt64.max - 5)
        #expect(mapping.reanchor(to: 2000) == nil)
        #expect(mapping.offset == 2000)
        #expect(mapping.reanchor(to: UInt64.max - 1_000_000_000) == -1_000_002_001)
    }
}
