import Foundation

/// A directory that is removed with its test.
final class Scratch {
    let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/export-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            print("left behind: \(directory): \(error)")
        }
    }

    func path(_ name: String) -> String { directory + "/" + name }
}
