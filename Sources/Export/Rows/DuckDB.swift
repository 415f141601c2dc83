import Foundation
import Glibc

/// The command line of DuckDB.
struct DuckDB {
    private let program: String

    /// - Throws: ``ExportError/toolMissing(tool:install:)``.
    static func find() throws(ExportError) -> DuckDB {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        for folder in folders {
            let path = "\(folder)/duckdb"
            if FileManager.default.isExecutableFile(atPath: path) { return DuckDB(program: path) }
        }
        throw .toolMissing(
            tool: "duckdb",
            install: "`pip install duckdb-cli` has it, or see https://duckdb.org/docs/installation")
    }

    /// Runs statements on a database in memory, up to the first that fails.
    /// - Parameter directory: where it may put files.
    /// - Throws: ``ExportError/toolFailed(tool:reason:)`` with its own words.
    func run(_ script: String, in directory: String) throws(ExportError) {
        let process = Process()
        let file = directory + "/script.sql"
        process.executableURL = URL(fileURLWithPath: program)
        // Not what the user's ~/.duckdbrc says.
        process.arguments = [
            "-init", "/dev/null", "-bail", "-batch", "-noheader", "-list", ":memory:", "-f", file,
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = output
        do {
            try Data(script.utf8).write(to: URL(fileURLWithPath: file))
            try process.run()
            let words = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw ExportError.toolFailed(
                    tool: "duckdb",
                    reason: String(decoding: words.prefix(2000), as: UTF8.self)
                        .trimmingCharacters(in: .whitespacesAndNewlines))
            }
        } catch let error as ExportError {
            throw error
        } catch {
            throw .toolFailed(tool: "duckdb", reason: error.localizedDescription)
        }
    }
}
