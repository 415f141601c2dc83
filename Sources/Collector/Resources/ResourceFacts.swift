import ProcFS

/// What the kernel side does not tell of a resource: from /proc, or from a table in tests.
public protocol ResourceFactsSource: AnyObject {
    /// The path under which the host sees a file; nil if no mount of ours shows its file system.
    func hostPath(device: DeviceNumber, pathInFileSystem: String) -> String?
    /// `bio_mutex+8 (redis-server)`, `[heap]+0x20`; nil if the process is gone or may not be looked at.
    func name(ofAddress address: UInt64, in pid: UInt32) -> String?
    /// Whether a socket of that network namespace listens at the address; `pid` is a process in it.
    func isListening(
        _ transport: ListeningPorts.TransportProtocol, _ address: IPAddress, _ port: UInt16,
        namespace: UInt32,
        pid: UInt32
    ) -> Bool
    func comm(of pid: UInt32) -> String?
    /// The symbol of the kernel that an address lies in, as `/proc/kallsyms` gives it.
    func kernelSymbol(at address: UInt64) -> String?
    /// `vda1`, for a device of a file system or of a request.
    func deviceName(_ device: DeviceNumber) -> String?
}
