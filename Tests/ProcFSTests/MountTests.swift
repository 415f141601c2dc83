import Testing

@testable import ProcFS

@Suite struct MountTests {
    private static let table = MountTable(
        parsing: Array(
            """
            21 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
            22 21 0:20 / /proc rw - proc proc rw
            23 21 0:21 / /tmp rw - tmpfs tmpfs rw
            24 21 254:1 /srv/data /data rw - ext4 /dev/vda1 rw
            25 21 254:16 / /mnt/with\\040space\\134x rw master:2 propagate_from:1 - ext4 /dev/vdb rw
            26 21 0:40 / /hidden rw - tmpfs tmpfs rw
            27 26 0:41 / /hidden rw - tmpfs tmpfs rw
            28 21 0:42 / /var/lib/docker/overlay2/1f/merged rw - overlay overlay rw,lowerdir=/a
            29 21 0:43 / /over rw - tmpfs tmpfs rw
            30 29 0:44 / /over/deep rw - tmpfs tmpfs rw
            31 21 0:45 / /over rw - tmpfs tmpfs rw
            32 21 0:4 net:[4026532001] /run/netns/a rw - nsfs nsfs rw
            33 21 254:32 /@/home /home rw - btrfs /dev/vdc rw,subvol=/@/home
            34 24 0:46 / /data/sub rw - tmpfs tmpfs rw

            """.utf8))

    @Test(arguments: [
        (DeviceNumber(major: 254, minor: 1), "/etc/passwd", "/etc/passwd"),
        (DeviceNumber(major: 254, minor: 1), "/", "/"),
        // The bind mount shows less of the file system, and so says more.
        (DeviceNumber(major: 254, minor: 1), "/srv/data/a b", "/data/a b"),
        (DeviceNumber(major: 254, minor: 1), "/srv/data", "/data"),
        (DeviceNumber(major: 254, minor: 1), "/srv/database", "/srv/database"),
        // Something is mounted over this part of the bind mount, but not over the original.
        (DeviceNumber(major: 254, minor: 1), "/srv/data/sub/x", "/srv/data/sub/x"),
        // /tmp of the root file system is hidden.
        (DeviceNumber(major: 254, minor: 1), "/tmp/x", nil),
        (DeviceNumber(major: 254, minor: 16), "/x", "/mnt/with space\\x/x"),
        (DeviceNumber(major: 0, minor: 40), "/x", nil),
        (DeviceNumber(major: 0, minor: 41), "/x", "/hidden/x"),
        (DeviceNumber(major: 0, minor: 42), "/app/log", "/var/lib/docker/overlay2/1f/merged/app/log"),
        (DeviceNumber(major: 0, minor: 43), "/x", nil),
        (DeviceNumber(major: 0, minor: 44), "/x", nil),
        (DeviceNumber(major: 0, minor: 45), "/x", "/over/x"),
        (DeviceNumber(major: 0, minor: 4), "/x", nil),
        (DeviceNumber(major: 254, minor: 32), "/@/home/me", "/home/me"),
        (DeviceNumber(major: 254, minor: 32), "/@/root", nil),
        (DeviceNumber(major: 9, minor: 9), "/x", nil),
        (DeviceNumber(major: 254, minor: 1), "", nil),
    ])
    func findsThePathThatWeSee(device: DeviceNumber, inside: String, path: String?) {
        #expect(Self.table.hostPath(device: device, pathInFileSystem: inside) == path)
    }

    @Test func worksInADirectoryThatIsNoMountPoint() {
        // What a process in a chroot sees.
        let table = MountTable(parsing: Array("40 21 0:50 / /run rw - tmpfs tmpfs rw\n".utf8))
        let device = DeviceNumber(major: 0, minor: 50)
        #expect(table.hostPath(device: device, pathInFileSystem: "/a/b") == "/run/a/b")
    }

    @Test func leavesOutWhatIsNoMount() {
        let text = """
            1 2 3 / / rw - a b c
            1 1 8:1 / / rw - a b
            x 1 8:1 / / rw - a b c
            99999999999999999999 1 8:1 / / rw - a b c
            1 2 8:1 / / rw a b c
            - - - - - - - - -
            5 6 8:1 / / rw - a b c
            6 5 8:1 / / rw - a b c
            7 7 8:2 / /self rw - a b c

            """
        let table = MountTable(parsing: Array(text.utf8))
        #expect(table.mounts.map(\.id) == [5, 6, 7])
        // Two that are mounted on each other cannot be reached, one on itself is a root.
        #expect(table.hostPath(device: DeviceNumber(major: 8, minor: 1), pathInFileSystem: "/a") == nil)
        #expect(table.hostPath(device: DeviceNumber(major: 8, minor: 2), pathInFileSystem: "/a") == "/self/a")
    }

    @Test(arguments: [
        ("a\\040b", "a b"), ("\\134040", "\\040"), ("a\\", "a\\"), ("\\04", "\\04"), ("\\999", "\\999"),
        ("\\777", "\\777"), ("\\303\\274", "ü"), ("", ""), ("plain", "plain"),
    ])
    func readsEscapes(text: String, path: String) {
        #expect(Array(text.utf8).withoutEscapes == path)
    }

    @Test func readsDeviceNumbers() {
        #expect(DeviceNumber(kernel: 254 << 20 | 3) == DeviceNumber(major: 254, minor: 3))
        #expect(DeviceNumber(status: 0xfe01) == DeviceNumber(major: 254, minor: 1))
        #expect(DeviceNumber(status: 0x1000_0cd4_5678) == DeviceNumber(major: 0x1456, minor: 0xcd78))
        #expect(DeviceNumber(major: 8, minor: 1).description == "8:1")
    }
}
