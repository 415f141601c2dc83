import Model
import Testing

@Suite struct PMUEventTests {
    @Test func namesAreThoseOfPerf() throws {
        let faults = try #require(PMUEvent(name: "Page-Faults"))
        #expect((faults.type, faults.config) == (1, 2))
        #expect(!faults.needsHardware)
        let misses = try #require(PMUEvent(name: "llc-misses"))
        #expect((misses.type, misses.config) == (3, 0x10002))
        #expect(Set(PMUEvent.named.map(\.name)).count == PMUEvent.named.count)
    }

    @Test func rawEventsAreHexadecimal() throws {
        let raw = try #require(PMUEvent(name: "r1C2"))
        #expect((raw.type, raw.config, raw.name) == (4, 0x1c2, "r1c2"))
    }

    @Test(arguments: ["", "r", "rxyz", "cycle", "r1ffffffffffffffff", "-1"]) func whatIsNoEvent(name: String)
    {
        #expect(PMUEvent(name: name) == nil)
    }
}
