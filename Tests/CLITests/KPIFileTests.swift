import Testing

@testable import stallscope

@Suite struct KPIFileTests {
    private func read(_ text: String) throws -> [(time: UInt64, value: Double)] {
        try KPIFile.parse(text, "kpi.csv", higherIsBetter: false, start: 1_700_000_000_000_000_000).points
    }

    @Test(arguments: [
        "time,latency\r\n1700000001.5,12.5\r\n", "1700000001500 12.5\n", "# ms\n\n1700000001500000;12.5",
        "1700000001500000000\t12.5\n", "+1.5s,12.5\n",
    ])
    func linesOfTimeAndValueAreRead(text: String) throws {
        let points = try read(text)
        #expect(points.count == 1)
        #expect(points.first?.time == 1_700_000_001_500_000_000)
        #expect(points.first?.value == 12.5)
    }

    @Test(arguments: ["", "time,value\n", "1700000001,1\nnonsense\n", "1700000001,1\n1700000002,x\n"])
    func othersAreRefused(text: String) { #expect(throws: (any Error).self) { _ = try read(text) } }

    @Test(arguments: [
        ("redis*", "redis-server", true), ("*server", "redis-server", true),
        ("re*is*er", "redis-server", true),
        ("redis", "redis-server", false), ("a*a", "a", false), ("*", "", true), ("io_*_x", "io_y", false),
    ])
    func aStarStandsForAnything(pattern: String, name: String, matches: Bool) {
        #expect(StarPattern(pattern).matches(name) == matches)
    }
}
