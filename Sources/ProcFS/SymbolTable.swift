/// The functions and variables of an executable or library, by address.
public struct SymbolTable: Sendable {
    public struct Symbol: Sendable, Equatable {
        /// Demangled.
        public var name: String
        /// Bytes from the symbol's beginning to the address that was asked for.
        public var offset: UInt64
    }

    /// As it is kept for each of up to millions.
    struct Entry: Sendable {
        /// A virtual address of the file.
        var address: UInt64
        /// 0 where the file does not say.
        var size: UInt64
        /// Index into `names`.
        var name: UInt32
        /// Lower for a name that is better than others of the same address.
        var rank: UInt8
    }

    /// By address; of several at one address the best is last.
    private let entries: [Entry]
    /// Zero-terminated strings.
    private let names: [UInt8]
    /// Add it to where the file's beginning is mapped to get the difference between addresses in memory and
    /// virtual addresses.
    private let firstSegment: (offset: UInt64, address: UInt64)

    init(entries: [Entry], names: [UInt8], firstSegment: (offset: UInt64, address: UInt64)) {
        self.entries = entries.sorted { left, right in
            (left.address, right.rank, left.size) < (right.address, left.rank, right.size)
        }
        self.names = names
        self.firstSegment = firstSegment
    }

    public var count: Int { entries.count }

    /// - Parameters:
    ///   - address: in the memory of a process.
    ///   - base: where the beginning of the file is mapped there, see ``MemoryMap/Image``.
    /// - Returns: nil if no symbol contains the address.
    public func symbol(containing address: UInt64, base: UInt64) -> Symbol? {
        symbol(containing: fileAddress(of: address, base: base))
    }

    /// The virtual address of the file that is found at an address in memory.
    func fileAddress(of address: UInt64, base: UInt64) -> UInt64 {
        address &- (base &+ firstSegment.offset &- firstSegment.address)
    }

    /// - Parameter address: a virtual address of the file, as `nm` shows it.
    public func symbol(containing address: UInt64) -> Symbol? {
        // Behind the last symbol that begins at the address or before it.
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        // Symbols may lie within others (parts of a structure, entries into a function), seldom many.
        for entry in entries[..<low].suffix(16).reversed() {
            let offset = address - entry.address
            guard offset < entry.size || offset == 0 else { continue }
            return Symbol(name: Demangler.plainName(name(of: entry)), offset: offset)
        }
        return nil
    }

    private func name(of entry: Entry) -> String {
        let bytes = names.dropFirst(Int(entry.name)).prefix { $0 != 0 }
        // The names of a library's own table end in the version that programs are linked against: @@GLIBC_2.34.
        let version = bytes.dropFirst().firstIndex(of: UInt8(ascii: "@"))
        return String(decoding: version.map { bytes[..<$0] } ?? bytes, as: UTF8.self)
    }
}

/// Why a file has no symbol table for us.
public struct SymbolTableError: Error, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        case cannotOpen, notELF, damaged, tooLarge
    }

    public var code: Code
    public var path: String
    /// What the system or libelf said.
    public var reason: String

    public var description: String {
        switch code {
        case .cannotOpen: "The symbols of \(path) cannot be read: \(reason)."
        case .notELF: "\(path) is no ELF file, so it has no symbols."
        case .damaged: "The ELF file \(path) is damaged: \(reason)."
        case .tooLarge: "The symbols of \(path) are left out, because they need too much memory (\(reason))."
        }
    }
}
