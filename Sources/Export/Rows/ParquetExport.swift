import Foundation
import Glibc
import Recording

/// Views as Parquet files in Hive partitions: `waits/host=web1/date=2026-05-04/hour=12/waits-<start>-0.parquet`.
///
/// DuckDB writes them.  Dates and hours are UTC; those of a row are of its `time_ns`, and where a view has none, of the
/// recording's start.  Several recordings may go into one directory: the files of each have names of their own.
public struct ParquetExport {
    private let recording: Recording
    private let rows: RowExport
    private let duckDB: DuckDB

    /// - Parameter names: of views; empty: all that have rows.
    /// - Throws: as ``RowExport/init(_:_:views:)``; ``ExportError/toolMissing(tool:install:)``.
    public init(_ recording: Recording, _ filter: Filter, views names: [String]) throws {
        self.recording = recording
        duckDB = try DuckDB.find()
        rows = try RowExport(recording, filter, views: names)
    }

    /// Writes everything beside `path`, looks whether all rows are there, and only then moves it in.
    /// - Throws: ``ExportError``, `RecordingError`.
    public func write(to path: String) throws {
        // DuckDB works in a directory of its own, from where a relative path would lead elsewhere.
        let path = URL(fileURLWithPath: path).path
        try refuseOtherFiles(path)
        let staging = try ExportFolder(at: path, mayExist: true)
        defer { staging.discard() }
        let lines = try rows.write(.csv, into: staging.temporary)
        var script = ["SET preserve_insertion_order = true;", "SET TimeZone = 'UTC';"]
        let kept = lines.filter { $0.rows > 0 }
        for (view, file, _) in kept { script.append(copy(view, from: file, to: staging.temporary)) }
        for (view, _, count) in kept { script.append(check(view, count, staging.temporary)) }
        try duckDB.run(script.joined(separator: "\n"), in: staging.temporary)
        for (_, file, _) in lines { unlink(file) }
        try PartitionMove(from: staging.temporary, to: path).run()
    }

    private func refuseOtherFiles(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw ExportError.outputExists(path: path) }
    }

    private func copy(_ view: RecordingView, from file: String, to directory: String) -> String {
        let columns = view.columns.map { "\(Self.text($0.name)): \(Self.text(Self.type($0.type)))" }
        let time = view.has("time_ns") ? "time_ns" : "\(recording.header.started)"
        // Days and hours by whole numbers: a time in nanoseconds has no place in a DOUBLE.
        return """
            COPY (SELECT *, \(Self.text(recording.header.host)) AS host,
                  strftime(make_timestamp(\(time) // 1000), '%Y-%m-%d') AS date,
                  strftime(make_timestamp(\(time) // 1000), '%H') AS hour
              FROM read_csv(\(Self.text(file)), header = true, auto_detect = false, delim = ',', quote = '"',
                escape = '"', nullstr = '', allow_quoted_nulls = false, parallel = false, max_line_size = 16777216,
                columns = {\(columns.joined(separator: ", "))}))
            TO \(Self.text("\(directory)/\(view.name)"))
            (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (host, date, hour),
             FILENAME_PATTERN \(Self.text("\(view.name)-\(recording.header.started)-{i}")));
            """
    }

    /// Fails unless as many rows can be read back as were written.
    private func check(_ view: RecordingView, _ rows: Int, _ directory: String) -> String {
        """
        SELECT CASE WHEN count(*) = \(rows) THEN 'ok'
            ELSE error('\(view.name) has ' || count(*) || ' rows instead of \(rows)') END
        FROM read_parquet(\(Self.text("\(directory)/\(view.name)/**/*.parquet")), hive_partitioning = true);
        """
    }

    private static func type(_ type: RecordingView.ColumnType) -> String {
        switch type {
        case .integer: "BIGINT"
        case .real: "DOUBLE"
        case .text: "VARCHAR"
        case .flag: "BOOLEAN"
        case .integers: "BIGINT[]"
        }
    }

    /// A string of SQL, of which nothing can get out.
    private static func text(_ text: String) -> String {
        "'" + text.replacing("'", with: "''").replacing("\0", with: "") + "'"
    }
}

extension RecordingView {
    fileprivate func has(_ column: String) -> Bool { columns.contains { $0.name == column } }
}
