import Testing

@testable import ProcFS

@Suite struct CgroupLimitTests {
    @Test func limitsOfRequestsAreReadInBothVersions() {
        let unified = CgroupCounters.ioLimits(
            parsingMax: Array(
                "8:16 rbps=2097152 wbps=max riops=max wiops=120\n254:0 rbps=max wbps=max\n".utf8))
        #expect(
            unified == [
                CgroupCounters.IOLimit(device: 8 << 20 | 16, values: ["rbps": 2_097_152, "wiops": 120])
            ])
        let first = CgroupCounters.ioLimits(parsingThrottle: [
            ("rbps", Array("254:0 1000\n".utf8)), ("wbps", []),
            ("wiops", Array("254:0 5\n8:0 7\nnonsense\n".utf8)),
        ])
        #expect(
            first == [
                CgroupCounters.IOLimit(device: 8 << 20, values: ["wiops": 7]),
                CgroupCounters.IOLimit(device: 254 << 20, values: ["rbps": 1000, "wiops": 5]),
            ])
        #expect(CgroupCounters.ioLimits(parsingMax: []) == [])
    }
}
