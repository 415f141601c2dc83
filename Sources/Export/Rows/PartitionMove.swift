import Foundation
import Glibc

/// Moves a tree of finished files into another one that may be there already, without replacing any file.
struct PartitionMove {
    private let source: String
    private let target: String

    init(from source: String, to target: String) { (self.source, self.target) = (source, target) }

    /// - Throws: ``ExportError``; then what was moved is taken back.
    func run() throws {
        let files = try FileManager.default.subpathsOfDirectory(atPath: source).filter {
            $0.hasSuffix(".parquet")
        }.sorted()
        for file in files {
            var status = stat()
            if lstat("\(target)/\(file)", &status) == 0 {
                throw ExportError.outputExists(path: "\(target)/\(file)")
            }
        }
        var moved: [String] = []
        do {
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            for file in files {
                let path = "\(target)/\(file)"
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try ExportFile.rename("\(source)/\(file)", to: path)
                moved.append(path)
            }
        } catch {
            for path in moved { unlink(path) }
            if let error = error as? ExportError { throw error }
            throw ExportError.cannotCreate(path: target, reason: error.localizedDescription)
        }
    }
}
