import Model
import ProcFS

/// Asks how much of the files that targets use most is in the page cache.
struct ResidencyMeter {
    /// Where a file is.
    struct Place {
        /// As the host sees it, or, where it does not, as the file system does.
        var path: String
        var device: DeviceNumber
        var inode: UInt64
        /// A process that has used it: it may see the file where the host does not.
        var pid: UInt32
    }

    private let proc: ProcTree
    /// Each takes some 10 us.
    static let mostFiles = 32

    init(proc: ProcTree = ProcTree()) { self.proc = proc }

    /// Files by how many pages targets asked for, read and made dirty, the most used first.
    static func mostUsed(_ samples: [PageCacheSample]) -> [Int64] {
        var uses: [Int64: UInt64] = [:]
        for sample in samples where sample.pid != 0 {
            let pages = (sample.lookups ?? sample.readIn) &+ sample.dirtied
            if pages > 0 { uses[sample.file, default: 0] &+= pages }
        }
        return uses.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(mostFiles).map(\.key)
    }

    /// - Parameter place: of a file, by its id; nil for one that is not found or has no name any more.
    func read(_ samples: [PageCacheSample], place: (Int64) -> Place?) -> [ResidencySample] {
        guard !samples.isEmpty, FileResidency.isAvailable else { return [] }
        return Self.mostUsed(samples).compactMap { file in
            guard let place = place(file) else { return nil }
            for path in [place.path, "\(proc.root)/\(place.pid)/root\(place.path)"] {
                if let found = FileResidency.read(path, device: place.device, inode: place.inode) {
                    return ResidencySample(
                        file: file, size: found.size, cached: found.cached, dirty: found.dirty,
                        underWriteBack: found.underWriteBack)
                }
            }
            return nil
        }
    }
}
