import Foundation
import Model
import Testing

@testable import ProcFS

@Suite struct StackNameTests {
    @Test func perfMapsNameWhatWasMadeLast() {
        let map = PerfMap(
            parsing: Array(
                """
                1000 100 first of its kind
                0x2000 0x10 LazyCompile:~go /app/a.js:3
                1000 40 second
                broken
                zz 10 name
                3000 ffffffffffffffff endless

                """.utf8))
        #expect(map.count == 4)
        #expect(map.symbol(containing: 0x1010) == .init(name: "second", offset: 0x10))
        #expect(map.symbol(containing: 0x1050) == .init(name: "first of its kind", offset: 0x50))
        #expect(map.symbol(containing: 0x2008)?.name == "LazyCompile:~go /app/a.js:3")
        #expect(map.symbol(containing: 0x2010) == nil)
        #expect(map.symbol(containing: 0xfff) == nil)
        #expect(map.symbol(containing: .max)?.name == "endless")
        #expect(PerfMap(parsing: []).symbol(containing: 0) == nil)
    }

    @Test func kernelSymbolsKnowTheirModules() {
        let symbols = KernelSymbols(
            parsing: Array(
                """
                ffffffff81000000 T _text
                ffffffff81000100 t schedule
                ffffffffc0000000 t ext4_read\t[ext4]
                ffffffffc0000100 t ext4_write\t[ext4]
                ffffffffc0001000 t bpf_prog_1\t[bpf]
                ffffffffc0002000 t end

                """.utf8))
        #expect(
            symbols.place(of: 0xffff_ffff_8100_0110) == .init(name: "schedule", offset: 16, module: "kernel"))
        #expect(symbols.place(of: 0xffff_ffff_c000_0108)?.module == "ext4")
        #expect(symbols.place(of: 0xffff_ffff_c000_1000)?.module == "bpf")
        #expect(symbols.symbol(at: 0xffff_ffff_8100_0110) == "schedule+16")
        #expect(symbols.place(of: 0xffff_ffff_c100_0000) == nil)
    }

    /// The tracing itself is no part of what a thread does.
    @Test func theKernelsFramesBeginWithThoseOfTheThread() throws {
        let tree = try FakeTree()
        try tree.write(
            "kallsyms",
            """
            ffffffff81000000 T schedule
            ffffffff81001000 T __traceiter_sched_switch
            ffffffff81002000 T bpf_trace_run4
            ffffffff81003000 T do_syscall_64
            ffffffff81004000 T end

            """)
        let names = StackNames(proc: ProcTree(root: tree.root))
        let addresses: [UInt64] = [
            0xffff_ffff_c099_0000, 0xffff_ffff_8100_2010, 0xffff_ffff_8100_1010, 0xffff_ffff_8100_0010,
            // A call that is the last instruction of its function.
            0xffff_ffff_8100_4000,
        ]
        let frames = names.kernelFrames(of: addresses)
        #expect(frames.map(\.function) == ["schedule", "do_syscall_64"])
        #expect(frames.allSatisfy { $0.isKernel && $0.module == "kernel" })
        #expect(frames.map(\.name) == ["schedule_[k]", "do_syscall_64_[k]"])
        // Nothing is made up where nothing is known.
        #expect(
            StackNames(proc: ProcTree(root: "/none")).kernelFrames(of: [0xff]).map(\.name) == [
                "kernel+0xff_[k]"
            ])
    }

    @Test func framesOfAProcessThatIsGoneAreAddresses() throws {
        let names = StackNames(proc: ProcTree(root: "/none"))
        #expect(names.frames(of: [0x1234, 0x99], pid: 1, incarnation: 5).map(\.name) == ["0x1234", "0x99"])
    }

    @Test func framesOfThisProcessHaveNames() throws {
        let malloc = UInt64(UInt(bitPattern: try #require(dlsym(nil, "malloc"))))
        let variable = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        defer { variable.deallocate() }
        let names = StackNames()
        // The chain ends where it leads to what is no code.
        let frames = names.frames(
            of: [malloc, malloc + 1, UInt64(UInt(bitPattern: variable)), malloc], pid: UInt32(getpid()),
            incarnation: 1)
        #expect(frames.map(\.function) == ["malloc", "malloc", "[unknown]"])
        #expect(frames[0].module.hasPrefix("libc") && frames[1].offset == 0)
    }

    /// With and without the debug information in the file itself.
    @Test func debugInformationTellsLines() throws {
        let tree = try FakeTree()
        try tree.write(
            "app.c",
            "int hidden(int a)\n{\n    return a + 1;\n}\nint main(void)\n{\n    return hidden(-1);\n}\n")
        let program = tree.root + "/app"
        try Self.run("/usr/bin/cc", ["-g", "-O0", "-Wl,--build-id", "-o", program, tree.root + "/app.c"])
        let symbol = try #require(try Self.address(of: "hidden", in: program))
        let lines = try #require(SourceLines(path: program, root: tree.root))
        let place = try #require(lines.place(of: symbol + 4))
        #expect(place.file.hasSuffix("/app.c") && (2...3).contains(place.line), "\(place)")
        #expect(lines.place(of: 1) == nil)

        let id = try #require(try ElfFile(program).buildID())
        let debug = ElfFile.debugFile(buildID: id, root: tree.root)
        try FileManager.default.createDirectory(
            atPath: (debug as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Self.run("/usr/bin/objcopy", ["--only-keep-debug", program, debug])
        try Self.run("/usr/bin/strip", [program])
        #expect(SourceLines(path: program, root: "/none") == nil)
        #expect(SourceLines(path: program, root: tree.root)?.place(of: symbol + 4) == place)
        #expect(try SymbolTable(path: program, root: tree.root).symbol(containing: symbol)?.name == "hidden")
        #expect(SourceLines(path: tree.root + "/app.c", root: "") == nil)
    }

    private static func address(of name: String, in path: String) throws -> UInt64? {
        // Every byte of a small program's code is asked for, so no other tool is needed.
        let table = try SymbolTable(path: path)
        return (0..<0x10000 as Range<UInt64>).first { address in
            table.symbol(containing: address).map { $0.name == name && $0.offset == 0 } ?? false
        }
    }

    private static func run(_ path: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(path) failed")
    }
}
