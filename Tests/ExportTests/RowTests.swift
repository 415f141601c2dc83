import ExampleRecording
import Foundation
import Recording
import Testing

@testable import Export

@Suite struct RowTests {
    private let scratch: Scratch
    private let recording: Recording

    init() throws {
        scratch = try Scratch()
        try ExampleRecording.write(to: scratch.path("a.stall"), stacks: true)
        recording = try Recording.open(scratch.path("a.stall"))
    }

    private func text(_ view: String, _ format: RowFormat, _ filter: Filter = Filter()) throws -> String {
        let path = scratch.path(UUID().uuidString)
        let file = try ExportFile(at: path)
        try RowExport(recording, filter, views: [view]).write(format, to: file)
        try file.finish()
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test func ndjsonHasTypedValues() throws {
        var filter = Filter()
        (filter.tids, filter.kinds) = ([102], [.fileRead])
        filter.to = ExampleRecording.start + ExampleRecording.duration
        let lines = try text("waits", .ndjson, filter).split(separator: "\n")
        try #require(lines.count == 1)
        let row = try #require(
            JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(row["uninterruptible"] as? Bool == true && row["timed_out"] as? Bool == false)
        #expect(row["histogram"] as? [Int] == [0, 0, 1])
        #expect(row["resource"] as? String == ExampleRecording.file)
        #expect(row["total_ns"] as? Int == 300_000_000)
        #expect(row["waker_tid"] is NSNull)
    }

    /// The same rows as a query has, for each part of a filter that the view has columns for.
    @Test func filtersReachTheViews() throws {
        let cases: [(view: String, set: (inout Filter) -> Void, condition: String)] = [
            ("thread_seconds", { $0.processNames = ["cl*"] }, "pid = 200"),
            ("waits", { $0.resourceNames = ["mutex*"] }, "resource_id = 1"),
            ("waits", { $0.resourceIDs = [3] }, "resource_id = 3 OR member_id = 3"),
            ("waits", { $0.wakerNames = ["peer", "client"] }, "waker_tid IN (102, 201)"),
            ("edges", { $0.wakerTIDs = [200] }, "waker_pid = 200"),
            ("edges", { $0.processNames = ["server*"] }, "pid = 100"),
            ("intervals", { $0.kinds = [.sleep] }, "kind = 'sleep'"),
            ("threads", { $0.threadNames = ["idle"] }, "tid = 103"),
            ("stack_waits", { $0.pids = [200] }, "pid = 200"),
            (
                "intervals", { $0.from = ExampleRecording.start + 2 * ExampleRecording.duration }, "tick > 2"
            ),
            ("resources", { $0.resourceNames = ["mutex*"] }, "resource_id = 1"),
        ]
        for (view, set, condition) in cases {
            var filter = Filter()
            set(&filter)
            let expected = try recording.query("SELECT count(*) FROM \(view) WHERE \(condition)").rows
            let rows = try text(view, .ndjson, filter).split(separator: "\n").count
            #expect(expected == [[.integer(Int64(rows))]], "\(view) \(condition)")
            #expect(rows > 0, "\(view) \(condition)")
        }
    }

    @Test func whatAViewCannotBeNarrowedByIsSaid() throws {
        var filter = Filter()
        filter.tids = [1]
        #expect(throws: ExportError.filterDoesNotApply(parts: ["thread"], to: "the view host_cpus")) {
            try RowExport(recording, filter, views: ["host_cpus"])
        }
        filter.minimumShare = 0.5
        #expect(throws: ExportError.self) { try RowExport(recording, filter, views: []) }
        #expect(throws: ExportError.self) { try RowExport(recording, Filter(), views: ["wait"]) }
    }

    /// The types by which columns are exported are those of the values.
    @Test func columnsHoldWhatTheirTypeSays() throws {
        for view in try recording.views() {
            try recording.forEachRow(of: view) { row in
                for (column, value) in zip(view.columns, row) {
                    let fits =
                        switch (column.type, value) {
                        case (_, .null), (.integer, .integer), (.real, .real), (.real, .integer),
                            (.text, .text),
                            (.flag, .integer(0)), (.flag, .integer(1)):
                            true
                        case (.integers, .text(let text)): text.hasPrefix("[") && text.hasSuffix("]")
                        default: false
                        }
                    #expect(fits, "\(view.name).\(column.name): \(value)")
                }
            }
        }
    }

    @Test func severalViewsMakeADirectoryOrNothing() throws {
        let folder = scratch.path("rows")
        try RowExport(recording, Filter(), views: []).write(.csv, toFolder: folder)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(try files.count == recording.views().count)
        #expect(throws: ExportError.outputExists(path: folder)) {
            try RowExport(recording, Filter(), views: []).write(.csv, toFolder: folder)
        }
        #expect(
            try Set(FileManager.default.contentsOfDirectory(atPath: scratch.directory)) == [
                "a.stall", "rows",
            ])
    }
}
