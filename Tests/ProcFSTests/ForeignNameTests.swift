import Foundation
import Testing

@testable import ProcFS

/// Names of addresses in another process, of a program whose variables are known.
@Suite struct ForeignNameTests {
    private static let source = """
        #include <stdio.h>
        static int bio_mutex[4];
        int set_at_start[4] = {1};
        int main(void) {
            printf("%lx %lx\\n", (unsigned long)&bio_mutex[2], (unsigned long)set_at_start);
            fflush(stdout);
            return getchar();
        }
        """

    /// A position independent program, one at fixed addresses, and one that was removed after its start.
    @Test(arguments: [("-pie", false), ("-no-pie", false), ("-pie", true)])
    func namesVariables(option: String, isRemoved: Bool) throws {
        let tree = try FakeTree()
        try tree.write("source.c", Self.source)
        let program = tree.root + "/bio-server"
        let compiler = try Process.run(
            URL(fileURLWithPath: "/usr/bin/cc"),
            arguments: ["-fPIE", option, "-o", program, tree.root + "/source.c"])
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)

        let process = Process()
        let input = Pipe()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let addresses = line.split { $0 == " " || $0 == "\n" }.compactMap { UInt64($0, radix: 16) }
        try #require(addresses.count == 2)
        if isRemoved { try FileManager.default.removeItem(atPath: program) }

        let pid = UInt32(process.processIdentifier)
        let map = try #require(ProcTree().memoryMap(of: pid))
        let symbols = SymbolNames()
        // Only root may follow the link to a file without a name.
        if !isRemoved || geteuid() == 0 {
            #expect(symbols.name(of: addresses[0], in: map, of: pid) == "bio_mutex+8 (bio-server)")
            #expect(symbols.name(of: addresses[1], in: map, of: pid) == "set_at_start (bio-server)")
        }
        #expect(map.describe(addresses[0]).hasPrefix("bio-server+0x"))
        let holders = ProcTree().holders(ofInode: try pipeInode(pid), isSocket: false, among: [pid])
        #expect(holders.map(\.descriptor) == [0])
        #expect(holders.first?.canWrite == false)
    }

    private func pipeInode(_ pid: UInt32) throws -> UInt64 {
        guard case .pipe(let inode) = ProcTree().target(of: 0, in: pid) else {
            throw CocoaError(.fileReadUnknown)
        }
        return inode
    }
}
