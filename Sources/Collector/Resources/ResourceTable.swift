import Model
import Probes
import ProcFS

/// The one table of everything that threads wait for, under the kernel side's ids.
struct ResourceTable {
    private let names: ResourceNames
    /// Names of those that were met, for the sets that consist of them.
    private var known: [Int64: String] = [:]
    /// Met, and not named yet: finding a name takes longer than a burst of events leaves time for.
    private var unnamed: [Int64: (record: ResourceRecord, since: UInt64)] = [:]
    /// Their ids, as they were met.
    private var queue: [Int64] = []
    private var newResources: [Resource] = []
    /// Of the files among those that are known, unless they have no name any more.
    private var places: [Int64: ResidencyMeter.Place] = [:]

    /// Beyond this many the oldest names are forgotten: sets that are made later show their ids only.
    private static let keptNames = 200_000

    init(source: any ResourceFactsSource) { names = ResourceNames(source: source) }

    mutating func handle(_ record: ResourceRecord, since: UInt64) {
        unnamed[record.id] = (record, since)
        queue.append(record.id)
    }

    /// Names some of those that were met, while the process that has them is likely to be there still.  Sets wait for
    /// their members, of which some may not have been told yet.
    mutating func nameNext(_ count: Int) {
        for id in queue.prefix(count) where unnamed[id]?.record.kind != .set { _ = name(of: id) }
        queue.removeFirst(min(count, queue.count))
    }

    /// Rows for the next batch; members come before their sets.
    mutating func takeNew() -> [Resource] {
        for id in unnamed.keys.sorted() { _ = name(of: id) }
        queue = []
        defer { newResources = [] }
        return newResources
    }

    /// nil if no such resource was met.
    mutating func name(of id: Int64) -> String? {
        guard let (record, since) = unnamed.removeValue(forKey: id) else { return known[id] }
        let members = record.members.map { name(of: $0) ?? "?" }
        let resource = names.resource(record, since: since, members: members)
        if known.count >= Self.keptNames {
            known.removeAll(keepingCapacity: true)
            places.removeAll(keepingCapacity: true)
        }
        known[id] = resource.name
        if record.kind == .file, !record.isUnlinked, !resource.path.isEmpty {
            places[id] = ResidencyMeter.Place(
                path: resource.path, device: DeviceNumber(kernel: record.device), inode: record.inode,
                pid: record.pid)
        }
        newResources.append(resource)
        return resource.name
    }

    func place(ofFile id: Int64) -> ResidencyMeter.Place? { places[id] }

    /// Devices whose names the next batch takes along.
    var newDevices: [(device: UInt32, name: String)] = []
    private var knownDevices: Set<UInt32> = [0]

    mutating func note(device: UInt32) {
        guard knownDevices.insert(device).inserted else { return }
        let number = DeviceNumber(kernel: device)
        newDevices.append((device, names.source.deviceName(number) ?? "\(number)"))
    }
}
