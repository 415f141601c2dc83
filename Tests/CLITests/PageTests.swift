import CommandRunning
import Foundation
import Testing

/// `report --html`: the page as a file, and in a browser.
@Suite struct PageTests {
    private let scratch: Scratch
    private let page: String

    init() throws {
        scratch = try Scratch()
        page = scratch.path("page.html")
        let story = try Story(at: scratch.path())
        try story.append(40)
        try story.finish()
    }

    private func write() throws -> String {
        let run = try RunningCommand.run(["report", scratch.path(), "--html", page])
        #expect(run.status == 0, "\(run.errors)")
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: page)), as: UTF8.self)
    }

    @Test func pageNeedsNothingElseAndHoldsNoNameAsMarkup() throws {
        let text = try write()
        #expect(!text.contains("owned"))
        #expect(!text.contains("<img"))
        #expect(text.components(separatedBy: "<script").count == 3)
        // Nothing is fetched: the only address is the name of SVG's elements.
        #expect(text.components(separatedBy: "://").count == 2)
        #expect(text.contains("\"http://www.w3.org/2000/svg\""))
    }

    @Test func otherOptionsAreRefused() throws {
        let run = try RunningCommand.run(["report", scratch.path(), "--html", page, "--top", "3"])
        #expect(run.status != 0)
        #expect(run.errors.contains("--html"))
        let nowhere = try RunningCommand.run(["report", scratch.path(), "--html", "/nonexistent/page.html"])
        #expect(nowhere.status != 0)
        #expect(nowhere.errors.contains("directory that you can write to"))
    }

    @Test(.needs("chromium", "python3")) func pageWorksInABrowser() throws {
        _ = try write()
        let checks = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Browser").path
        let run = try OutsidePrograms.run(
            ["python3", "-B", "-m", "unittest", "discover", "-s", checks],
            environment: ["STALLSCOPE_PAGE=\(page)"])
        #expect(run.status == 0, "\(run.errors)")
    }
}
