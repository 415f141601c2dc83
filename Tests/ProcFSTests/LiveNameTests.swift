import Foundation
import Testing

@testable import ProcFS

/// The readers of names on the machine that the tests run on.
@Suite struct LiveNameTests {
    private let proc = ProcTree()
    private let own = UInt32(getpid())

    private func address(of symbol: String) throws -> UInt64 {
        // RTLD_DEFAULT: all that is loaded.
        let pointer = try #require(dlsym(nil, symbol))
        return UInt64(UInt(bitPattern: pointer))
    }

    @Test func findsPathsOfOpenFiles() throws {
        let tree = try FakeTree()
        try tree.write("file", "x")
        let status = try #require(FileAccess.status(of: tree.root + "/file"))
        let mounts = proc.ownMounts()
        let device = DeviceNumber(status: UInt64(status.st_dev))
        // Where the directory is a file system of its own, or a part of one, the path in it is shorter.
        let path = try #require(realpath(tree.root + "/file", nil).map { String(cString: $0) })
        let candidates = path.indices.filter { path[$0] == "/" }.map { String(path[$0...]) }
        let found = candidates.compactMap { mounts.hostPath(device: device, pathInFileSystem: $0) }
        #expect(found.contains(path), "\(found)")
    }

    @Test func namesSymbolsOfThisProcess() throws {
        let map = try #require(proc.memoryMap(of: own))
        let symbols = SymbolNames()
        let malloc = try address(of: "malloc")
        #expect(map.describe(malloc).hasPrefix("libc"))
        #expect(symbols.name(of: malloc, in: map, of: own).contains("malloc ("))
        // In libc's bss, which no file stands behind.
        let environment = try address(of: "environ")
        #expect(symbols.name(of: environment, in: map, of: own).contains("environ (libc"))
        #expect(symbols.name(of: environment + 3, in: map, of: own).contains("environ+3 (libc"))
        let stack = withUnsafePointer(to: &errno) { UInt64(UInt(bitPattern: $0)) }
        #expect(!symbols.name(of: stack, in: map, of: own).isEmpty)
        #expect(symbols.fileCount >= 1)
    }

    @Test func keepsABoundedNumberOfFiles() throws {
        let map = try #require(proc.memoryMap(of: own))
        let symbols = SymbolNames(maximumFiles: 1)
        for name in ["malloc", "swift_retain", "malloc"] {
            let name = (try address(of: name), name)
            #expect(symbols.name(of: name.0, in: map, of: own).contains(name.1))
            #expect(symbols.fileCount == 1)
        }
    }

    @Test func seesListenersAndHolders() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        try #require(listen(listener, 1) == 0)
        var local = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        try #require(result == 0)
        let ports = try #require(proc.listeningPorts(of: own))
        let loopback = try #require(IPAddress(bytes: [127, 0, 0, 1]))
        let port = UInt16(bigEndian: local.sin_port)
        #expect(ports.isListening(.tcp, loopback, port))
        let inode = try #require(ports.sockets.first { $0.transport == .tcp && $0.port == port }?.inode)
        #expect(
            proc.holders(ofInode: inode, among: [own, 1])
                == [FileHolder(pid: own, descriptor: UInt32(listener), canRead: true, canWrite: true)])
        #expect(proc.target(of: UInt32(listener), in: own) == .socket(inode: inode))
    }

    @Test func seesUnixSocketsAndPipes() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        guard case .socket(let inode) = proc.target(of: UInt32(ends[0]), in: own) else {
            Issue.record("no socket")
            return
        }
        let socket = try #require(proc.unixSockets(of: own)?.sockets[inode])
        #expect(socket.kind == .seqpacket)
        #expect(socket.state == .connected)

        let fifo = try FakeTree()
        let path = fifo.root + "/fifo"
        try #require(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let status = try #require(FileAccess.status(of: path))
        let holders = proc.holders(
            ofFile: UInt64(status.st_ino), on: DeviceNumber(status: UInt64(status.st_dev)), among: [own])
        #expect(
            holders == [FileHolder(pid: own, descriptor: UInt32(reader), canRead: true, canWrite: false)])
    }
}
