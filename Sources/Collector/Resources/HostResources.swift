import Glibc
import ProcFS

/// What /proc and /sys tell of resources, kept for as long as it is likely to be true.
public final class HostResources: ResourceFactsSource {
    private let proc: ProcTree
    private let symbols: SymbolNames
    private var mounts: (table: MountTable, at: UInt64)?
    private var maps: [UInt32: (map: MemoryMap?, at: UInt64)] = [:]
    private var ports: [UInt32: (ports: ListeningPorts?, at: UInt64)] = [:]
    private var devices: [DeviceNumber: String] = [:]

    /// Nanoseconds after which a table is read again when it has no answer.
    private static let freshness: UInt64 = 500_000_000
    private static let keptMaps = 64

    public init(proc: ProcTree = ProcTree()) {
        self.proc = proc
        symbols = SymbolNames(proc: proc)
    }

    public func hostPath(device: DeviceNumber, pathInFileSystem path: String) -> String? {
        if let mounts, let found = mounts.table.hostPath(device: device, pathInFileSystem: path) {
            return found
        }
        guard isOld(mounts?.at) else { return nil }
        let table = proc.ownMounts()
        mounts = (table, Clock.bootTime())
        return table.hostPath(device: device, pathInFileSystem: path)
    }

    public func name(ofAddress address: UInt64, in pid: UInt32) -> String? {
        if maps[pid].map({ $0.map?.mapping(of: address) == nil && isOld($0.at) }) ?? true {
            if maps.count >= Self.keptMaps { maps.removeAll() }
            maps[pid] = (proc.memoryMap(of: pid), Clock.bootTime())
        }
        guard let map = maps[pid]?.map else { return nil }
        return symbols.name(of: address, in: map, of: pid)
    }

    public func isListening(
        _ transport: ListeningPorts.TransportProtocol, _ address: IPAddress, _ port: UInt16,
        namespace: UInt32,
        pid: UInt32
    ) -> Bool {
        if let known = ports[namespace]?.ports, known.isListening(transport, address, port) { return true }
        guard isOld(ports[namespace]?.at) else { return false }
        let fresh = proc.listeningPorts(of: pid)
        // A port that was listened on stays a server's, also when the listener is closed.
        let earlier = ports[namespace]?.ports?.sockets ?? []
        let all = ListeningPorts(Array(Set(earlier + (fresh?.sockets ?? []))))
        ports[namespace] = (all, Clock.bootTime())
        return all.isListening(transport, address, port)
    }

    public func comm(of pid: UInt32) -> String? { proc.stat(pid)?.comm }

    public func kernelSymbol(at address: UInt64) -> String? { kernelSymbols.symbol(at: address) }
    private lazy var kernelSymbols = KernelSymbols.read(proc: proc)

    public func deviceName(_ device: DeviceNumber) -> String? {
        if let name = devices[device] { return name }
        let name = BlockDevices.name(of: device)
        devices[device] = name
        return name
    }

    private func isOld(_ time: UInt64?) -> Bool {
        time.map { Clock.bootTime() - $0 > Self.freshness } ?? true
    }
}
