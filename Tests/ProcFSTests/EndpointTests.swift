import ProcFS
import Testing

@Suite struct EndpointTests {
    @Test(arguments: ["10.0.0.7:5432", "[::1]:80", "0.0.0.0:1", "[2001:db8::1]:65535"])
    func areReadAsTheyAreWritten(text: String) {
        #expect(Endpoint(parsing: text)?.description == text)
    }

    @Test(arguments: [
        "", ":", "80", "10.0.0.7", "10.0.0.7:", "10.0.0.7:0", "10.0.0.7:65536", "::1:80x", "host:80",
    ])
    func whatIsNoneIsRefused(text: String) { #expect(Endpoint(parsing: text) == nil) }

    @Test func theKernelSideIsGivenSixteenBytes() {
        #expect(
            Endpoint(parsing: "10.0.0.7:1")?.mappedAddress == [
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 7,
            ])
        #expect(Endpoint(parsing: "[::1]:1")?.mappedAddress == [UInt8](repeating: 0, count: 15) + [1])
    }
}
