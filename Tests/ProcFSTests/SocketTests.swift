import Testing

@testable import ProcFS

@Suite struct SocketTests {
    private func address(_ bytes: [UInt8]) throws -> IPAddress { try #require(IPAddress(bytes: bytes)) }

    private static let tcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1594 1 00 0
           1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1595 1 00 0
           2: 0100007F:18EB 0100007F:BC54 01 00000000:00000000 00:00000000 00000000     0        0 1600 1 00 0
        """
    private static let tcp6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue
           0: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1700 1
           1: 000080FE00000000FF00000001020304:0016 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1701 1
        """
    private static let udp = """
           sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref
          337: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 1800 2 00 0
          338: 0100007F:A0B1 0100007F:0035 01 00000000:00000000 00:00000000 00000000   101        0 1801 2 00 0
        """

    private func ports(in tree: FakeTree) throws -> ListeningPorts {
        try tree.write("40/net/tcp", Self.tcp)
        try tree.write("40/net/tcp6", Self.tcp6)
        try tree.write("40/net/udp", Self.udp)
        return try #require(ProcTree(root: tree.root).listeningPorts(of: 40))
    }

    @Test func findsListeners() throws {
        let ports = try ports(in: FakeTree())
        #expect(ports.sockets.map(\.inode) == [1594, 1595, 1700, 1701, 1800])
        let loopback = try address([127, 0, 0, 1])
        let other = try address([10, 0, 0, 7])
        #expect(ports.isListening(.tcp, loopback, 6379))
        #expect(!ports.isListening(.tcp, other, 6379))
        #expect(!ports.isListening(.udp, loopback, 6379))
        #expect(!ports.isListening(.tcp, loopback, 48212))
        #expect(ports.isListening(.tcp, other, 80))
        #expect(ports.isListening(.udp, loopback, 53))
        #expect(!ports.isListening(.udp, loopback, 41137))
    }

    @Test func wildcardOfIPv6StandsForBoth() throws {
        let ports = try ports(in: FakeTree())
        let six = try address(Array(repeating: 7, count: 16))
        let mapped = try address(Array(repeating: 0, count: 10) + [0xff, 0xff, 10, 0, 0, 7])
        #expect(ports.isListening(.tcp, six, 443))
        #expect(ports.isListening(.tcp, mapped, 443))
        #expect(mapped.description == "10.0.0.7")
        // 0.0.0.0 does not take connections of IPv6.
        #expect(!ports.isListening(.tcp, six, 80))
        let local = try #require(ports.sockets.first { $0.inode == 1701 }).address
        #expect(local.description == "fe80::ff:403:201")
        #expect(ports.isListening(.tcp, local, 22))
        #expect(!ports.isListening(.tcp, six, 22))
    }

    @Test(arguments: [
        "", "nonsense", "0: 0100007F:18EB 00000000:0000 0A 0:0 00:0 0 0 0",
        "0: 0100007F18EB 00000000:0000 0A 0:0 00:0 0 0 0 1594",
        "0: 0100007F:18EB5 0:0 0A 0:0 00:0 0 0 0 1594",
        "0: 010000:18EB 00000000:0000 0A 0:0 00:0 0 0 0 1594", "0: 0100007G:18EB 0:0 0A 0:0 00:0 0 0 0 1594",
        "0: 0100007F:18EB 00000000:0000 0A 0:0 00:0 0 0 0 x", "0: : : 0A 0:0 00:0 0 0 0 1",
    ])
    func leavesOutWhatIsNoSocket(line: String) {
        #expect(ListeningPorts.parse(Array(line.utf8), transport: .tcp).isEmpty)
        #expect(ListeningPorts.parse(Array(line.utf8), transport: .udp).isEmpty)
    }

    @Test func processesThatAreGoneHaveNoSockets() throws {
        let tree = try FakeTree()
        #expect(ProcTree(root: tree.root).listeningPorts(of: 1) == nil)
        #expect(ProcTree(root: tree.root).unixSockets(of: 1) == nil)
    }

    @Test func stopsReadingBehindTheListeners() throws {
        let tree = try FakeTree()
        let listener = "  0: 0100007F:18EB 00000000:0000 0A 0:0 00:00000000 00000000 0 0 1594 1\n"
        let connection = "  1: 0100007F:18EB 0100007F:BC54 01 0:0 00:00000000 00000000 0 0 1600 1\n"
        // Many listeners are all found, and one behind 100 kB of connections shows where reading ended.
        let many = String(repeating: listener, count: 500) + String(repeating: connection, count: 1500)
        try tree.write("5/net/tcp", many + listener)
        #expect(ProcTree(root: tree.root).listeningPorts(of: 5)?.sockets.count == 500)
    }

    @Test func readsUnixSockets() {
        let text = """
            Num       RefCount Protocol Flags    Type St Inode Path
            000000006bb06788: 00000003 00000000 00000000 0001 03  1590
            0000000093c21936: 00000002 00000000 00010000 0001 01 41591 /run/my app.sock
            0000000093c21937: 00000002 00000000 00000000 0002 01 41592 @abstract@name
            0000000093c21938: 00000003 00000000 00000000 0005 03 41593 @
            0000000093c21939: 00000002 00000000 00010000 0001 01 41594 /evil
            0000000093c21936: 00000002 00000000 00010000 0001 01 41591 /not/this
            0000000093c21940: 00000002 00000000 00010000 0001 99 41595 /x
            0000000093c21941 00000002 00000000 00010000 0001 01 41596 /x
            0000000093c21942: 00000002 00000000 00010000 0001 01 x /x
            """
        let sockets = UnixSockets(parsing: Array(text.utf8)).sockets
        #expect(sockets.count == 5)
        #expect(
            sockets[41591]
                == .init(
                    inode: 41591, kind: .stream, state: .unconnected, isListening: true,
                    path: "/run/my app.sock"))
        #expect(
            sockets[1590]
                == .init(inode: 1590, kind: .stream, state: .connected, isListening: false, path: ""))
        #expect(sockets[41592]?.path == "@abstract@name")
        #expect(sockets[41592]?.kind == .datagram)
        #expect(sockets[41593]?.kind == .seqpacket)
        #expect(sockets[41594]?.path == "/evil")
    }
}
