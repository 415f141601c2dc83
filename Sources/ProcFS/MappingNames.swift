/// What an address lies in, in words.
extension MemoryMap {
    /// An executable or library that is mapped, and where.
    public struct Image: Sendable, Equatable {
        /// The mapping that has its path: not that of the address for an address in its bss.
        public var mapping: Mapping
        /// Where the beginning of the file is mapped.
        public var base: UInt64
    }

    /// "redis-server+0x1a2b30", "[heap]+0x20", "anonymous"; "unmapped" for an address that is in none.
    ///
    /// In a file that is mapped privately (executables and libraries, their bss included) the number counts
    /// from where the file's beginning is mapped, which is the address that `addr2line` and `nm` use for
    /// position independent files.  In shared files it counts from the beginning of the file.  In private
    /// anonymous memory it would say nothing that the address does not, and is left out.
    public func describe(_ address: UInt64) -> String {
        guard let mapping = mapping(of: address) else { return "unmapped" }
        if let image = image(of: address) {
            return "\(image.mapping.fileName)+\(Self.hexadecimal(address - image.base))"
        }
        if mapping.path.isEmpty { return "anonymous" }
        if mapping.path.hasPrefix("[anon:") { return mapping.path }
        let place = mapping.inode == 0 ? 0 : mapping.offset
        return "\(mapping.fileName)+\(Self.hexadecimal(place &+ (address - mapping.start)))"
    }

    /// The file that an address of an executable or library belongs to; nil for shared files, whose
    /// content is data, and for memory without a file.
    public func image(of address: UInt64) -> Image? {
        guard let index = index(of: address) else { return nil }
        let named = isBSS(index) ? index - 1 : index
        guard mappings[named].isFromImage else { return nil }
        let mapping = mappings[named]
        var first = named
        // The pieces of one file lie next to each other in the order of its content.
        for earlier in mappings[..<named].indices.reversed() {
            guard mappings[earlier].isFromImage || mappings[earlier].isAnonymous else { break }
            guard mappings[earlier].isSameFile(as: mapping) else { continue }
            guard mappings[earlier].offset <= mappings[first].offset else { break }
            first = earlier
            if mappings[first].offset == 0 { break }
        }
        let (base, overflow) = mappings[first].start.subtractingReportingOverflow(mappings[first].offset)
        return Image(mapping: mapping, base: overflow ? mappings[first].start : base)
    }

    /// Variables without initial values have no content in the file, so the loader puts anonymous memory
    /// directly behind the writable mapping of it.
    private func isBSS(_ index: Int) -> Bool {
        guard index > 0, mappings[index].isAnonymous, mappings[index].isWritable, !mappings[index].isShared
        else { return false }
        let before = mappings[index - 1]
        return before.end == mappings[index].start && before.isFromImage && before.isWritable
    }

    private static func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
}

extension Mapping {
    /// A private mapping of a file.
    var isFromImage: Bool { inode != 0 && !isShared && path.hasPrefix("/") }

    func isSameFile(as other: Mapping) -> Bool {
        inode != 0 && inode == other.inode && device == other.device
    }

    /// The last part of the path; "shared anonymous" for memory that is shared and has no file.
    public var fileName: String {
        let mark = " (deleted)"
        let plain = path.hasSuffix(mark) ? path.dropLast(mark.count) : path[...]
        // mm/shmem.c gives shared anonymous memory the name dev/zero in a file system of its own.
        if plain.count < path.count, plain == "/dev/zero" { return "shared anonymous" }
        guard plain.hasPrefix("/"), let name = plain.split(separator: "/").last else { return String(plain) }
        return String(name)
    }
}
