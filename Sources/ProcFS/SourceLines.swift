import CElf

/// Which line of the source each address of a file comes from, by its debug information (DWARF, through libdw).
final class SourceLines {
    struct Place: Sendable, Equatable {
        /// As the compiler was given it.
        var file: String
        var line: UInt32
    }

    /// What one unit of compilation has, from an address up to another.
    private struct Range {
        var start, end: UInt64
        var unit: Int
    }

    private let file: ElfFile
    private let information: OpaquePointer
    private var units: [Dwarf_Die] = []
    private var ranges: [Range] = []

    /// Files that are larger are left alone: much of their debug information would have to be in memory.
    private static let mostBytes: UInt64 = 256 << 20

    /// The debug information of a file, or that which is installed under its build id.
    ///
    /// - Parameter root: as for ``SymbolTable/init(path:root:)``.
    /// - Returns: nil if there is none, or it cannot be read.
    convenience init?(path: String, root: String) {
        do {
            let file = try ElfFile(path)
            let debug = file.buildID().map { ElfFile.debugFile(buildID: $0, root: root) }
            if let debug, FileAccess.status(of: debug) != nil {
                self.init(try ElfFile(debug))
            } else {
                self.init(file)
            }
        } catch {
            // Who asks for the file's symbols is told why it cannot be read.
            return nil
        }
    }

    private init?(_ file: consuming ElfFile) {
        guard file.size <= Self.mostBytes, let information = file.debugInformation() else { return nil }
        self.file = file
        self.information = information
        findUnits()
        if ranges.isEmpty { return nil }
    }

    // The information refers to the file, which is closed after this.
    deinit { dwarf_end(information) }

    private func findUnits() {
        var unit: OpaquePointer?
        var next: OpaquePointer?
        var die = Dwarf_Die()
        // Each unit that libdw finds lies within the section; one that is damaged ends the list.
        while dwarf_get_units(information, unit, &next, nil, nil, &die, nil) == 0 {
            unit = next
            var base: Dwarf_Addr = 0
            var (start, end): (Dwarf_Addr, Dwarf_Addr) = (0, 0)
            var offset = 0
            while true {
                offset = dwarf_ranges(&die, offset, &base, &start, &end)
                guard offset > 0 else { break }
                if start < end { ranges.append(Range(start: start, end: end, unit: units.count)) }
            }
            units.append(die)
        }
        ranges.sort { $0.start < $1.start }
    }

    /// - Parameter address: a virtual address of the file.
    func place(of address: UInt64) -> Place? {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].start <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, address < ranges[low - 1].end else { return nil }
        var die = units[ranges[low - 1].unit]
        var number: Int32 = 0
        guard let line = dwarf_getsrc_die(&die, address), let name = dwarf_linesrc(line, nil, nil),
            dwarf_lineno(line, &number) == 0, number > 0
        else { return nil }
        return Place(file: String(cString: name), line: UInt32(number))
    }
}
