import Foundation
import Model
import ProcFS
import Testing

@testable import Collector

@Suite struct ResidencyTests {
    private static func sample(
        _ file: Int64, pid: UInt32 = 9, lookups: UInt64?, readIn: UInt64 = 0, dirtied: UInt64 = 0
    )
        -> PageCacheSample
    {
        var sample = PageCacheSample(pid: pid, comm: "app", file: file)
        (sample.lookups, sample.readIn, sample.dirtied) = (lookups, readIn, dirtied)
        return sample
    }

    @Test func filesThatTargetsUseMostComeFirst() {
        let used = ResidencyMeter.mostUsed([
            Self.sample(1, lookups: 5), Self.sample(2, lookups: 3, dirtied: 4),
            Self.sample(1, pid: 8, lookups: 3),
            // Only others have used it, or nobody has.
            Self.sample(3, pid: 0, lookups: 100), Self.sample(4, lookups: 0, readIn: 6),
            // On a kernel that does not tell look-ups.
            Self.sample(5, lookups: nil, readIn: 20),
        ])
        #expect(used == [5, 1, 2])
        let many = (1...100).map { Self.sample($0, lookups: UInt64($0)) }
        #expect(ResidencyMeter.mostUsed(many) == (69...100).reversed())
    }

    /// Whatever lies where a file was is not touched if it is not that file.
    @Test(.timeLimit(.minutes(1))) func onlyTheVeryFileIsAskedAbout() throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "residency-\(UUID().uuidString)"
        ).path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: directory) } catch {
                print("left behind: \(directory)")
            }
        }
        let file = directory + "/file"
        try Data(repeating: 1, count: 10_000).write(to: URL(fileURLWithPath: file))
        let status = try #require(Self.status(file))
        let device = DeviceNumber(status: UInt64(status.st_dev))
        let found = FileResidency.read(file, device: device, inode: UInt64(status.st_ino))
        #expect(found?.size == (FileResidency.isAvailable ? 10_000 : nil))
        #expect(FileResidency.read(file, device: device, inode: UInt64(status.st_ino) + 1) == nil)
        #expect(FileResidency.read(directory, device: device, inode: UInt64(status.st_ino)) == nil)

        let fifo = directory + "/fifo"
        try #require(mkfifo(fifo, 0o600) == 0)
        let other = try #require(Self.status(fifo))
        #expect(FileResidency.read(fifo, device: device, inode: UInt64(other.st_ino)) == nil)
        let link = directory + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        #expect(FileResidency.read(link, device: device, inode: UInt64(status.st_ino)) == nil)
    }

    private static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }
}
