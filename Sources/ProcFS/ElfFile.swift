import CElf
import Glibc

/// An open ELF file.  It may belong to anyone and be damaged on purpose: libelf checks every offset and size
/// against the file, and reads instead of mapping it, since a mapped file that becomes shorter is a SIGBUS.
struct ElfFile: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private let elf: OpaquePointer

    /// - Throws: ``SymbolTableError`` if it is not a regular file, not readable or not ELF.
    init(_ path: String) throws(SymbolTableError) {
        _ = Self.isReady
        // Without waiting, in case that a FIFO has taken the place of the file.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw SymbolTableError(code: .cannotOpen, path: path, reason: String(cString: strerror(errno)))
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let elf = elf_begin(descriptor, ELF_C_READ, nil)
        else {
            close(descriptor)
            throw SymbolTableError(code: .notELF, path: path, reason: "")
        }
        guard elf_kind(elf) == ELF_K_ELF else {
            elf_end(elf)
            close(descriptor)
            throw SymbolTableError(code: .notELF, path: path, reason: "")
        }
        self.path = path
        self.descriptor = descriptor
        self.elf = elf
    }

    deinit {
        elf_end(elf)
        close(descriptor)
    }

    /// libelf wants to be told which version of the format the program was made for, once.
    private static let isReady = elf_version(UInt32(EV_CURRENT)) != UInt32(EV_NONE)

    /// File offset and virtual address of the first segment that is loaded.
    func firstSegment() -> (offset: UInt64, address: UInt64)? {
        var count = 0
        guard elf_getphdrnum(elf, &count) == 0 else { return nil }
        for index in 0..<min(count, Int(UInt16.max)) {
            var header = GElf_Phdr()
            guard gelf_getphdr(elf, Int32(index), &header) != nil, header.p_type == UInt32(PT_LOAD) else {
                continue
            }
            return (header.p_offset, header.p_vaddr)
        }
        return nil
    }

    /// The build id in hexadecimal digits, which also names the file that the symbols were moved to.
    func buildID() -> String? {
        for (section, header) in sections() where header.sh_type == UInt32(SHT_NOTE) {
            guard let data = elf_getdata(section, nil) else { continue }
            var note = GElf_Nhdr()
            var name = 0
            var content = 0
            var offset = 0
            while true {
                offset = gelf_getnote(data, offset, &note, &name, &content)
                guard offset > 0, let bytes = data.pointee.d_buf else { break }
                guard note.n_type == UInt32(NT_GNU_BUILD_ID), note.n_namesz == 4, note.n_descsz > 1 else {
                    continue
                }
                // gelf_getnote has checked that name and content lie within the section.
                guard memcmp(bytes + name, "GNU", 4) == 0 else { continue }
                let id = UnsafeRawBufferPointer(start: bytes + content, count: Int(note.n_descsz))
                return id.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
        }
        return nil
    }

    /// Where the symbols and the debug information of a file are installed that was stripped of them.
    static func debugFile(buildID: String, root: String) -> String {
        "\(root)/usr/lib/debug/.build-id/\(buildID.prefix(2))/\(buildID.dropFirst(2)).debug"
    }

    /// The entries of `.symtab` and `.dynsym`, and the strings that they name.
    func symbols() throws(SymbolTableError) -> (entries: [SymbolTable.Entry], names: [UInt8]) {
        var entries: [SymbolTable.Entry] = []
        var names: [UInt8] = []
        var bytes: UInt64 = 0
        for (section, header) in sections() {
            guard [SHT_SYMTAB, SHT_DYNSYM].contains(Int32(bitPattern: header.sh_type)) else { continue }
            let strings = elf_getscn(elf, Int(header.sh_link))
            var stringHeader = GElf_Shdr()
            guard strings != nil, gelf_getshdr(strings, &stringHeader) != nil,
                stringHeader.sh_type == UInt32(SHT_STRTAB)
            else { continue }
            let (more, overflow) = header.sh_size.addingReportingOverflow(stringHeader.sh_size)
            bytes = overflow || more > Self.mostBytes ? .max : bytes + more
            guard bytes <= Self.mostBytes else {
                let limit = "more than \(Self.mostBytes >> 20) MiB"
                throw SymbolTableError(code: .tooLarge, path: path, reason: limit)
            }
            guard let symbols = elf_getdata(section, nil), let text = elf_getdata(strings, nil) else {
                throw SymbolTableError(code: .damaged, path: path, reason: Self.lastError())
            }
            // `d_buf` holds `d_size` bytes for as long as the file is open; it is nil in an empty section.
            entries += Self.entries(in: symbols, namesAt: names.count, limit: text.pointee.d_size)
            names += UnsafeRawBufferPointer(start: text.pointee.d_buf, count: text.pointee.d_size)
        }
        return (entries, names)
    }

    private static func entries(
        in data: UnsafeMutablePointer<Elf_Data>, namesAt base: Int, limit: Int
    ) -> [SymbolTable.Entry] {
        var entries: [SymbolTable.Entry] = []
        var symbol = GElf_Sym()
        var index: Int32 = 0
        while gelf_getsym(data, index, &symbol) != nil {
            index += 1
            let type = Int32(symbol.st_info & 0xf)
            guard type == STT_OBJECT || type == STT_FUNC || type == STT_GNU_IFUNC,
                symbol.st_shndx != UInt16(SHN_UNDEF), symbol.st_shndx != UInt16(SHN_ABS),
                symbol.st_name != 0, Int(symbol.st_name) < limit,
                let name = UInt32(exactly: base + Int(symbol.st_name))
            else { continue }
            let binding = Int32(symbol.st_info >> 4)
            let rank: UInt8 = binding == STB_GLOBAL ? 0 : binding == STB_WEAK ? 1 : 2
            entries.append(.init(address: symbol.st_value, size: symbol.st_size, name: name, rank: rank))
        }
        return entries
    }

    /// The debug information; nil if there is none.  To be ended before the file is closed.
    func debugInformation() -> OpaquePointer? { dwarf_begin_elf(elf, DWARF_C_READ, nil) }

    /// Bytes of the file.
    var size: UInt64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(status.st_size) : 0
    }

    /// Larger than the tables of the largest programs that we know, which are browsers with all symbols.
    private static let mostBytes: UInt64 = 512 << 20

    private func sections() -> [(OpaquePointer, GElf_Shdr)] {
        var found: [(OpaquePointer, GElf_Shdr)] = []
        var section = elf_nextscn(elf, nil)
        while let current = section {
            var header = GElf_Shdr()
            if gelf_getshdr(current, &header) != nil { found.append((current, header)) }
            section = elf_nextscn(elf, current)
        }
        return found
    }

    private static func lastError() -> String {
        elf_errmsg(-1).map { String(cString: $0) } ?? "unknown error"
    }
}

extension SymbolTable {
    /// Reads the symbols of a file, of functions and variables only.
    ///
    /// If it was stripped and its symbols are installed under its build id, as Debian's -dbgsym packages do,
    /// they are read too.
    /// - Parameter root: the directory that the file's own "/" is, empty for ours.
    public init(path: String, root: String = "") throws(SymbolTableError) {
        let file = try ElfFile(path)
        var (entries, names) = try file.symbols()
        if let id = file.buildID() {
            let debug = ElfFile.debugFile(buildID: id, root: root)
            if FileAccess.status(of: debug) != nil {
                let more = try ElfFile(debug).symbols()
                entries += more.entries.map { entry in
                    var entry = entry
                    entry.name += UInt32(names.count)
                    return entry
                }
                names += more.names
            }
        }
        self.init(entries: entries, names: names, firstSegment: file.firstSegment() ?? (0, 0))
    }
}
