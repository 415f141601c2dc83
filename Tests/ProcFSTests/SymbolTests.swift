import Foundation
import Testing

@testable import ProcFS

@Suite struct SymbolTests {
    private static let names = Array("\0outer\0inner\0_ZN3foo3barE\0weak\0label\0".utf8)

    private func table(_ entries: [SymbolTable.Entry], offset: UInt64 = 0, address: UInt64 = 0) -> SymbolTable
    {
        SymbolTable(entries: entries, names: Self.names, firstSegment: (offset, address))
    }

    @Test func findsTheInnermostSymbol() {
        let table = table([
            .init(address: 0x100, size: 0x100, name: 1, rank: 0),
            .init(address: 0x110, size: 0x10, name: 7, rank: 2),
            .init(address: 0x300, size: 8, name: 26, rank: 1),
            .init(address: 0x300, size: 8, name: 13, rank: 0),
            .init(address: 0x180, size: 0, name: 31, rank: 2),
            .init(address: UInt64.max, size: 8, name: 1, rank: 2),
        ])
        func name(_ address: UInt64) -> String? {
            table.symbol(containing: address).map { "\($0.name)+\($0.offset)" }
        }
        #expect(name(0x100) == "outer+0")
        #expect(name(0x118) == "inner+8")
        #expect(name(0x120) == "outer+32")
        #expect(name(0x180) == "label+0")
        #expect(name(0x181) == "outer+129")
        #expect(name(0x200) == nil)
        #expect(name(0x304) == "foo::bar+4")
        #expect(name(0xff) == nil)
        #expect(name(UInt64.max) == "outer+0")
    }

    @Test func takesAddressesOfMemory() {
        let entry = SymbolTable.Entry(address: 0x40_1000, size: 0x10, name: 1, rank: 0)
        // A program at fixed addresses, and one whose first segment is not at the file's beginning.
        let fixed = table([entry], address: 0x40_0000)
        #expect(fixed.symbol(containing: 0x40_1004, base: 0x40_0000)?.offset == 4)
        let moved = table([entry], offset: 0x1000, address: 0x40_1000)
        #expect(moved.symbol(containing: 0x7f00_0000_1004, base: 0x7f00_0000_0000)?.offset == 4)
    }

    @Test(arguments: [
        ("_ZN3foo3barE", "foo::bar"), ("_ZL5queue", "queue"), ("$s4main4lockSivp", "main.lock : Swift.Int"),
        ("main", "main"), ("i", "i"), ("_Z", "_Z"), ("_ZNSt", "_ZNSt"), ("$s", "$s"), ("", ""),
        (
            "_Z1f" + String(repeating: "S1_", count: 100), "_Z1f" + String(repeating: "S1_", count: 100)
        ),
    ])
    func demangles(name: String, plain: String) {
        #expect(Demangler.plainName(name) == plain)
    }

    /// Each type holds the one before twice, so 60 of them written out would fill all memory.
    @Test func isNotLuredIntoNamesWithoutEnd() {
        var name = "_Z1f1aIiES_IS_S_E"
        for index in 1..<60 { name += "S\(index)_IS\(index)_S\(index)_E" }
        #expect(Demangler.plainName(name).utf8.count < 1 << 20)
    }

    @Test func saysWhyAFileHasNoSymbols() throws {
        let tree = try FakeTree()
        try tree.write("text", "no ELF file")
        try tree.write("empty", "")
        try tree.write("cut", "\u{7f}ELF\u{2}\u{1}\u{1}")
        #expect(mkfifo(tree.root + "/fifo", 0o600) == 0)
        for (name, code) in [
            ("text", .notELF), ("empty", .notELF), ("fifo", .notELF), ("absent", .cannotOpen), ("", .notELF),
        ] as [(String, SymbolTableError.Code)] {
            let error = #expect(throws: SymbolTableError.self) {
                try SymbolTable(path: tree.root + "/" + name)
            }
            #expect(error?.code == code, "\(name): \(error.map(String.init(describing:)) ?? "")")
        }
    }

    /// Whatever is in the file, the answer is symbols or an error.
    @Test func damagedFilesDoNoHarm() throws {
        let tree = try FakeTree()
        let whole = try Data(contentsOf: URL(fileURLWithPath: "/bin/true"))
        let path = tree.root + "/damaged"
        var generator = SystemRandomNumberGenerator()
        for round in 0..<200 {
            var bytes = whole
            if round % 4 == 0 { bytes.count = Int.random(in: 1..<whole.count, using: &generator) }
            // The header and the section headers at the end are what everything hangs on.
            for _ in 0..<20 {
                let range = [0..<64, 0..<bytes.count, max(0, bytes.count - 2000)..<bytes.count]
                    .randomElement()
                let place = Int.random(in: range ?? 0..<1, using: &generator)
                if place >= 4, place < bytes.count { bytes[place] = UInt8.random(in: 0...255) }
            }
            try bytes.write(to: URL(fileURLWithPath: path))
            do {
                let table = try SymbolTable(path: path)
                #expect(table.count < 1 << 20)
                _ = table.symbol(containing: 0x4000)
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
    }
}
