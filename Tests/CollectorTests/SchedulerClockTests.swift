import Testing

@testable import Collector

@Suite struct SchedulerClockTests {
    /// Whatever tick they are told in, times keep their order, and equal ones stay equal.
    @Test(arguments: 0..<10) func timesKeepTheirOrder(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        var clock = SchedulerClock()
        var (scheduler, wall): (UInt64, UInt64) = (5_000_000_000, 1_700_000_000_000_000_000)
        clock.add(scheduler: scheduler, wall: wall)
        var times: [UInt64] = [scheduler - 1000]
        for _ in 0..<30 {
            let tick = UInt64.random(in: 100_000_000...2_000_000_000, using: &random)
            for _ in 0..<50 { times.append(scheduler + UInt64.random(in: 0...tick, using: &random)) }
            times.append(contentsOf: [scheduler, scheduler + 1])
            scheduler += tick
            // The clocks disagree by up to 50 us in a second.
            wall = UInt64(Int64(wall + tick) + Int64.random(in: -50_000...50_000, using: &random))
            clock.add(scheduler: scheduler, wall: wall)
            #expect(clock.wall(scheduler) == wall)
        }
        let walls = times.sorted().map(clock.wall)
        for (left, right) in zip(walls, walls.dropFirst()) { #expect(left <= right) }
    }

    @Test func aStepOfTheWallClockDoesNotBendWhatWasBefore() {
        var clock = SchedulerClock()
        clock.add(scheduler: 1000, wall: 1_000_000)
        clock.add(scheduler: 2000, wall: 9_001_000, step: 8_000_000)
        #expect(clock.wall(1500) == 1_000_500)
        #expect(clock.wall(2500) == 9_001_500)
        clock.add(scheduler: 3000, wall: 2_000, step: -9_000_000)
        #expect(clock.wall(2500) == 9_001_500)
        #expect(clock.wall(3100) == 2_100)
    }

    @Test func aSuspendIsFollowedAtOnce() {
        var clock = SchedulerClock()
        for _ in 0..<64 { clock.note(offset: 500) }
        clock.note(offset: 3_600_000_000_500)
        #expect(clock.scheduler(boot: 3_600_000_010_000) == 9500)
    }

    @Test func oneBadComparisonDoesNotMoveTheClock() {
        var clock = SchedulerClock()
        for offset in [700, 512, 90_000, 2, 516] as [UInt64] { clock.note(offset: offset) }
        #expect(clock.scheduler(boot: 10_000) == 9488)
    }
}
