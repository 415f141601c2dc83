/// One mapping of an address space: a line of `/proc/PID/maps`.
public struct Mapping: Sendable, Equatable {
    public var start: UInt64
    /// The first address after it.
    public var end: UInt64
    public var isReadable: Bool
    public var isWritable: Bool
    public var isExecutable: Bool
    /// Writes go to the file, or to others that map the same memory.
    public var isShared: Bool
    /// Bytes of the file before the mapping.
    public var offset: UInt64
    public var device: DeviceNumber
    /// 0 for memory that no file stands behind.
    public var inode: UInt64
    /// In the process's own mount namespace, "/usr/bin/redis-server (deleted)", "[heap]", "[stack]",
    /// "/dev/zero (deleted)" for shared anonymous memory; empty for private anonymous memory.
    public var path: String

    public var isAnonymous: Bool { inode == 0 && (path.isEmpty || path.hasPrefix("[anon:")) }

    /// - Returns: nil if `line` is not such a line.
    init?(parsing line: ArraySlice<UInt8>) {
        // start-end permissions offset major:minor inode        path
        let space = UInt8(ascii: " ")
        let fields = line.split(separator: space, maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count >= 5, fields[1].count == 4 else { return nil }
        let ends = fields[0].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard ends.count == 2, let start = ends[0].hexadecimal, let end = ends[1].hexadecimal, start < end,
            let offset = fields[2].hexadecimal,
            let device = DeviceNumber(parsing: fields[3], radix: 16),
            let inode = fields[4].decimal
        else { return nil }
        let permissions = Array(fields[1])
        self.start = start
        self.end = end
        isReadable = permissions[0] == UInt8(ascii: "r")
        isWritable = permissions[1] == UInt8(ascii: "w")
        isExecutable = permissions[2] == UInt8(ascii: "x")
        isShared = permissions[3] == UInt8(ascii: "s")
        self.offset = offset
        self.device = device
        self.inode = inode
        path = fields.count > 5 ? fields[5].drop { $0 == space }.withoutEscapes : ""
    }
}

/// The address space of a process at the moment when it was read.
public struct MemoryMap: Sendable {
    /// In ascending order, none overlaps another.
    public let mappings: [Mapping]

    /// - Parameter bytes: the content of a `maps`.  Lines that are no such lines, or that overlap the one
    ///   before, are left out.
    public init(parsing bytes: [UInt8]) {
        var mappings: [Mapping] = []
        for line in bytes.lines {
            guard let mapping = Mapping(parsing: line) else { continue }
            // The kernel's vsyscall page comes last and is above all others.
            if let last = mappings.last, mapping.start < last.end { continue }
            mappings.append(mapping)
        }
        self.mappings = mappings
    }

    /// The mapping that an address lies in, nil if it lies in none.
    public func mapping(of address: UInt64) -> Mapping? { index(of: address).map { mappings[$0] } }

    func index(of address: UInt64) -> Int? {
        var range = mappings.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let mapping = mappings[middle]
            if address < mapping.start {
                range = range.lowerBound..<middle
            } else if address >= mapping.end {
                range = (middle + 1)..<range.upperBound
            } else {
                return middle
            }
        }
        return nil
    }
}

extension ProcTree {
    /// - Returns: nil if the process is gone, is a kernel thread, or may not be looked at.
    public func memoryMap(of pid: UInt32) -> MemoryMap? {
        guard let bytes = FileAccess.read("\(root)/\(pid)/maps").bytes, !bytes.isEmpty else { return nil }
        return MemoryMap(parsing: bytes)
    }
}
