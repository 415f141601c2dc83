import Foundation

/// A directory that everyone may use, removed with its test.
public final class Scratch {
    public let directory: String
    private var mounts: [String] = []

    public init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/stallscope-test-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
        chmod(directory, 0o777)
    }

    deinit {
        for mount in mounts { umount(mount) }
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            print("left behind: \(directory): \(error)")
        }
    }

    public func path(_ name: String = "test.stall") -> String { directory + "/" + name }

    /// A file system in memory.
    /// - Parameter options: of tmpfs, as in "size=1m".
    /// - Returns: where it is mounted.
    public func mountMemory(_ options: String, readOnly: Bool = false) throws -> String {
        let place = path("mount-\(mounts.count)")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        guard mount("tmpfs", place, "tmpfs", readOnly ? UInt(MS_RDONLY) : 0, options) == 0 else {
            throw CocoaError(.fileWriteUnknown, userInfo: ["errno": errno])
        }
        mounts.append(place)
        return place
    }
}
