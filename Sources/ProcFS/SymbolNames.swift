import Glibc

/// Names of addresses in the memory of processes, from the symbols of the files that are mapped there.
///
/// Keeps the symbols of the files that were used last: some 30 bytes and the name for each of them.
public final class SymbolNames {
    private let proc: ProcTree
    private let maximumFiles: Int
    private var files: [FileKey: CachedFile] = [:]
    private var uses: UInt64 = 0

    /// A file that was replaced has another inode, one that was written to another time.
    private struct FileKey: Hashable {
        var device: UInt64
        var inode: UInt64
        var changedSeconds: Int
        var changedNanoseconds: Int
    }

    private struct CachedFile {
        var table: Result<SymbolTable, SymbolTableError>
        var lines: SourceLines?
        var hasLookedForLines = false
        var lastUse: UInt64
    }

    public init(proc: ProcTree = ProcTree(), maximumFiles: Int = 32) {
        self.proc = proc
        self.maximumFiles = max(maximumFiles, 1)
    }

    /// Files whose symbols are kept now.
    public var fileCount: Int { files.count }

    /// "bio_mutex+8 (redis-server)", with the number of bytes from the symbol's beginning unless it is 0; as
    /// ``MemoryMap/describe(_:)`` says it where no symbol contains the address.
    public func name(of address: UInt64, in map: MemoryMap, of pid: UInt32) -> String {
        guard let image = map.image(of: address),
            let symbol = symbol(at: address, in: image, of: pid)
        else { return map.describe(address) }
        let offset = symbol.offset == 0 ? "" : "+\(symbol.offset)"
        return "\(symbol.name)\(offset) (\(image.mapping.fileName))"
    }

    /// - Returns: nil also if the symbols of the file cannot be read; ``table(of:in:)`` says why.
    public func symbol(
        at address: UInt64, in image: MemoryMap.Image, of pid: UInt32
    ) -> SymbolTable.Symbol? {
        switch table(of: image, in: pid) {
        case .success(let table): table.symbol(containing: address, base: image.base)
        case .failure: nil
        }
    }

    /// The symbols of a file that a process has mapped.  A failure is kept like a success, so that a file
    /// that has no symbols is not looked at again and again.
    public func table(
        of image: MemoryMap.Image, in pid: UInt32
    ) -> Result<SymbolTable, SymbolTableError> {
        guard let (path, key) = file(of: image.mapping, in: pid) else {
            return .failure(
                SymbolTableError(
                    code: .cannotOpen, path: image.mapping.path,
                    reason: "the file that process \(pid) has mapped is not there any more"))
        }
        uses += 1
        if let known = files[key] {
            files[key]?.lastUse = uses
            return known.table
        }
        let table: Result<SymbolTable, SymbolTableError>
        do {
            table = .success(try SymbolTable(path: path, root: "\(proc.root)/\(pid)/root"))
        } catch {
            table = .failure(error)
        }
        if files.count >= maximumFiles, let oldest = files.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            files[oldest.key] = nil
        }
        files[key] = CachedFile(table: table, lastUse: uses)
        return table
    }

    /// Where an address of a file comes from in its source; nil if no debug information says so.
    ///
    /// - Parameter address: a virtual address of the file.
    func line(at address: UInt64, in image: MemoryMap.Image, of pid: UInt32) -> SourceLines.Place? {
        guard let (path, key) = file(of: image.mapping, in: pid), let known = files[key] else { return nil }
        if known.hasLookedForLines { return known.lines?.place(of: address) }
        let lines = SourceLines(path: path, root: "\(proc.root)/\(pid)/root")
        // Debug information takes much memory.
        let others = files.filter { $0.value.lines != nil }
        if others.count >= Self.mostLines,
            let oldest = others.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            files[oldest.key]?.lines = nil
            files[oldest.key]?.hasLookedForLines = false
        }
        files[key]?.lines = lines
        files[key]?.hasLookedForLines = true
        return lines?.place(of: address)
    }

    private static let mostLines = 4

    /// A path of ours that leads to the very file that is mapped.
    private func file(of mapping: Mapping, in pid: UInt32) -> (path: String, key: FileKey)? {
        let range = String(mapping.start, radix: 16) + "-" + String(mapping.end, radix: 16)
        // The first leads to deleted files too, and needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE.
        let paths = ["\(proc.root)/\(pid)/map_files/\(range)", "\(proc.root)/\(pid)/root\(mapping.path)"]
        for path in paths {
            if let (_, key) = regularFile(path, mapping.inode) { return (path, key) }
        }
        // The process may be gone: then, if it saw the files that we see, its file is still where it was.
        guard let (status, key) = regularFile(mapping.path, mapping.inode),
            DeviceNumber(status: UInt64(status.st_dev)) == mapping.device
        else { return nil }
        return (mapping.path, key)
    }

    private func regularFile(_ path: String, _ inode: UInt64) -> (stat, FileKey)? {
        guard let status = FileAccess.statusBehind(path), status.st_mode & S_IFMT == S_IFREG,
            UInt64(status.st_ino) == inode
        else { return nil }
        let key = FileKey(
            device: UInt64(status.st_dev), inode: inode, changedSeconds: status.st_ctim.tv_sec,
            changedNanoseconds: status.st_ctim.tv_nsec)
        return (status, key)
    }
}
