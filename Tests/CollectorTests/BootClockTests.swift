import Testing

@testable import Collector

@Suite struct BootClockTests {
    /// Whatever tick they are told in, times keep their order, and equal ones stay equal.
    @Test(arguments: 0..<10) func timesKeepTheirOrder(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        var clock = BootClock()
        var (scheduler, wall): (UInt64, UInt64) = (5_000_000_000, 1_700_000_000_000_000_000)
        clock.add(boot: scheduler, wall: wall)
        var times: [UInt64] = [scheduler - 1000]
        for _ in 0..<30 {
            let tick = UInt64.random(in: 100_000_000...2_000_000_000, using: &random)
            for _ in 0..<50 { times.append(scheduler + UInt64.random(in: 0...tick, using: &random)) }
            times.append(contentsOf: [scheduler, scheduler + 1])
            scheduler += tick
            // The clocks disagree by up to 50 us in a second.
            wall = UInt64(Int64(wall + tick) + Int64.random(in: -50_000...50_000, using: &random))
            clock.add(boot: scheduler, wall: wall)
            #expect(clock.wall(scheduler) == wall)
        }
        let walls = times.sorted().map(clock.wall)
        for (left, right) in zip(walls, walls.dropFirst()) { #expect(left <= right) }
    }

    @Test func aStepOfTheWallClockDoesNotBendWhatWasBefore() {
        var clock = BootClock()
        clock.add(boot: 1000, wall: 1_000_000)
        clock.add(boot: 2000, wall: 9_001_000, step: 8_000_000)
        #expect(clock.wall(1500) == 1_000_500)
        #expect(clock.wall(2500) == 9_001_500)
        clock.add(boot: 3000, wall: 2_000, step: -9_000_000)
        #expect(clock.wall(2500) == 9_001_500)
        #expect(clock.wall(3100) == 2_100)
    }
}
