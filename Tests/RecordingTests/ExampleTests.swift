import ExampleRecording
import Examples
import Foundation
import Recording
import Testing

/// The worked examples of the library's documentation do what it says, and are printed there as they are.
@Suite struct ExampleTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try ExampleRecording.write(to: scratch.path(), stacks: false)
    }

    @Test func locksAreSummed() throws {
        let example = try LocksByTime(of: "server*", in: scratch.path())
        #expect(example.locks.map(\.name) == ["mutex 'a'"])
        #expect(example.locks.first?.time == 6 * 380_000_000 + 6 * ExampleRecording.duration)
    }

    @Test func longestWakeupsComeFirst() throws {
        let example = try LongestWakeups(in: scratch.path(), atMost: 7)
        let delays = example.spells.map { LongestWakeups.delay($0) / 1_000_000 }
        #expect(delays == [80, 80, 80, 80, 80, 80, 20])
    }

    @Test(arguments: ["LocksByTime", "LongestWakeups"])
    func theDocumentationShowsThem(name: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let source = try String(contentsOf: root.appending(path: "Examples/\(name).swift"), encoding: .utf8)
        let article = try String(
            contentsOf: root.appending(path: "Sources/Recording/Recording.docc/Examples.md"), encoding: .utf8)
        #expect(article.contains("```swift\n\(source)```"))
    }
}
