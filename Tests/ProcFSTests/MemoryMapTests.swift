import Testing

@testable import ProcFS

@Suite struct MemoryMapTests {
    private static let map = MemoryMap(
        parsing: Array(
            """
            55d0c0000000-55d0c0040000 r--p 00000000 fe:01 1311                       /usr/bin/redis-server
            55d0c0040000-55d0c0150000 r-xp 00040000 fe:01 1311                       /usr/bin/redis-server
            55d0c0150000-55d0c01a0000 r--p 00150000 fe:01 1311                       /usr/bin/redis-server
            55d0c01a0000-55d0c01a8000 rw-p 0019f000 fe:01 1311                       /usr/bin/redis-server
            55d0c01a8000-55d0c0360000 rw-p 00000000 00:00 0 
            55d0c1000000-55d0c1200000 rw-p 00000000 00:00 0                          [heap]
            7f0000000000-7f0000021000 rw-p 00000000 00:00 0 
            7f0000100000-7f0000101000 rw-s 00003000 00:01 7                          /dev/shm/with space (deleted)
            7f0000200000-7f0000201000 rw-s 00000000 00:01 8                          /dev/zero (deleted)
            7f0000300000-7f0000301000 rw-s 00000000 00:01 9                          /memfd:ring (deleted)
            7f0000400000-7f0000401000 rw-p 00000000 00:00 0                          [anon:arena]
            7f0000500000-7f0000501000 r--p 00001000 fe:01 1400                       /usr/lib/line\\012end.so
            7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
            ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]

            """.utf8))

    @Test(
        arguments: [
            (0x55d0_c000_0000, "redis-server+0x0"),
            (0x55d0_c01a_2b30, "redis-server+0x1a2b30"),
            // Not initialized, so behind what the file has.
            (0x55d0_c01a_8010, "redis-server+0x1a8010"),
            (0x55d0_c100_0020, "[heap]+0x20"),
            (0x7f00_0000_0040, "anonymous"),
            (0x7f00_0010_0010, "with space+0x3010"),
            (0x7f00_0020_0008, "shared anonymous+0x8"),
            (0x7f00_0030_0000, "memfd:ring+0x0"),
            (0x7f00_0040_0000, "[anon:arena]"),
            (0x7f00_0050_0004, "line\nend.so+0x1004"),
            (0x7ffd_0000_0000, "[stack]+0x0"),
            (0xffff_ffff_ff60_0001, "[vsyscall]+0x1"),
            (0x7f00_0002_1000, "unmapped"), (0, "unmapped"), (UInt64.max, "unmapped"),
        ] as [(UInt64, String)])
    func describesAddresses(address: UInt64, words: String) {
        #expect(Self.map.describe(address) == words)
    }

    @Test func findsMappings() throws {
        let data = try #require(Self.map.mapping(of: 0x55d0_c01a_7fff))
        #expect(data.start == 0x55d0_c01a_0000)
        #expect(data.end == 0x55d0_c01a_8000)
        #expect(data.isReadable && data.isWritable && !data.isExecutable && !data.isShared)
        #expect(data.offset == 0x19f000)
        #expect(data.device == DeviceNumber(major: 254, minor: 1))
        #expect(data.inode == 1311)
        #expect(data.path == "/usr/bin/redis-server")
        #expect(Self.map.mapping(of: 0x7f00_0010_0fff)?.isShared == true)
        #expect(Self.map.mapping(of: 0x7f00_0010_0fff)?.path == "/dev/shm/with space (deleted)")
        #expect(Self.map.mapping(of: 0x7f00_0000_0000)?.isAnonymous == true)
        #expect(Self.map.image(of: 0x55d0_c01a_8000)?.mapping == data)
        #expect(Self.map.image(of: 0x7f00_0000_0000) == nil)
        #expect(Self.map.image(of: 0x7f00_0010_0000) == nil)
    }

    @Test func doesNotMixUpTwoFilesInARow() {
        let text = """
            1000-2000 r--p 00000000 fe:01 1                          /a
            2000-3000 rw-p 00001000 fe:01 1                          /a
            3000-4000 r--p 00000000 fe:01 2                          /b
            4000-5000 rw-p 00001000 fe:01 2                          /b
            5000-6000 ---p 00000000 00:00 0
            6000-7000 r--p 00000000 fe:01 1                          /a
            7000-8000 rw-p 00001000 fe:01 1                          /a
            """
        let map = MemoryMap(parsing: Array(text.utf8))
        #expect(map.describe(0x2010) == "a+0x1010")
        #expect(map.describe(0x4010) == "b+0x1010")
        #expect(map.describe(0x5010) == "anonymous")
        // The second time that the file is mapped, as another linker namespace does.
        #expect(map.describe(0x7010) == "a+0x1010")
    }

    @Test func leavesOutWhatIsNoMapping() {
        let text = """
            1000-2000 r--p 00000000 fe:01 1
            1800-2800 r--p 00000000 fe:01 1   /overlaps
            3000-2000 r--p 00000000 fe:01 1   /backwards
            4000-4000 r--p 00000000 fe:01 1   /empty
            5000 r--p 00000000 fe:01 1   /x
            5000-6000 r-p 00000000 fe:01 1   /x
            5000-6000 r--p 00000000 fe01 1   /x
            5000-10000000000000000 r--p 00000000 fe:01 1   /x
            5000-6000 r--p 00000000 fe:01
            7000-8000 r--p ffffffffffffffff fe:01 1   /offset

            """
        let map = MemoryMap(parsing: Array(text.utf8))
        #expect(map.mappings.map(\.start) == [0x1000, 0x7000])
        #expect(map.describe(0x7010) == "offset+0x10")
        #expect(MemoryMap(parsing: []).mapping(of: 5) == nil)
    }
}
