/// Variables and functions of the kernel by their addresses, from `/proc/kallsyms`.
public struct KernelSymbols: Sendable {
    private let addresses: [UInt64]
    private let names: [String]
    /// Of each symbol, its place in `modules`.
    private let owners: [UInt16]
    private let modules: [String]

    /// Addresses read as zero for users who may not know them: then there are no symbols.
    public static func read(proc: ProcTree = ProcTree()) -> KernelSymbols {
        KernelSymbols(parsing: FileAccess.read("\(proc.root)/kallsyms").bytes ?? [])
    }

    public init(parsing bytes: [UInt8]) {
        var found: [(address: UInt64, name: String, owner: UInt16)] = []
        var modules = ["kernel"]
        var places: [ArraySlice<UInt8>: UInt16] = [:]
        for line in bytes.lines {
            // address type name [module]
            let fields = line.fields
            guard fields.count >= 3, let address = fields[0].hexadecimal, address != 0 else { continue }
            var owner: UInt16 = 0
            if fields.count > 3, let place = places[fields[3]] ?? UInt16(exactly: modules.count) {
                owner = place
                if places.updateValue(place, forKey: fields[3]) == nil {
                    modules.append(String(decoding: fields[3].dropFirst().dropLast(), as: UTF8.self))
                }
            }
            found.append((address, String(decoding: fields[2], as: UTF8.self), owner))
        }
        found.sort { $0.address < $1.address }
        addresses = found.map(\.address)
        names = found.map(\.name)
        owners = found.map(\.owner)
        self.modules = modules
    }

    public struct Place: Sendable, Equatable {
        public var name: String
        /// Bytes from the symbol's beginning.
        public var offset: UInt64
        /// `kernel`, or the module that it belongs to (`ext4`).
        public var module: String
    }

    /// The last symbol at or before the address, if it is near enough to be what the address lies in.
    public func symbol(at address: UInt64) -> String? {
        place(of: address).map { $0.offset == 0 ? $0.name : "\($0.name)+\($0.offset)" }
    }

    /// The same, in its parts.
    public func place(of address: UInt64) -> Place? {
        var (low, high) = (0, addresses.count)
        while low < high {
            let middle = (low + high) / 2
            if addresses[middle] <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, low < addresses.count, address - addresses[low - 1] < 1 << 16 else { return nil }
        return Place(
            name: names[low - 1], offset: address - addresses[low - 1], module: modules[Int(owners[low - 1])])
    }
}
