import BPF

/// Two maps of the kernel side, of which one is added to while the other, that of the tick before, is drained:
/// `BANKED_SUMS` of `banks.bpf.h`, or maps that are named like its.
struct Banks<Key: BitwiseCopyable, Value: BitwiseCopyable> {
    private let maps: [Map<Key, Value>]

    /// The maps `NAME_even` and `NAME_odd`.
    init(_ name: String, of object: Object) throws(BPFError) {
        maps = [
            try object.map("\(name)_even", key: Key.self, value: Value.self),
            try object.map("\(name)_odd", key: Key.self, value: Value.self),
        ]
    }

    /// Empties the map of a tick that is over.
    func drain(tick: UInt64, _ receive: (Key, Value) -> Void) throws(BPFError) {
        try maps[Int(tick & 1)].drain(receive)
    }
}

extension OpenObject {
    /// Makes room for so many elements in each of two maps.
    func resize(banks name: String, to count: UInt32) throws(BPFError) {
        for parity in ["even", "odd"] { try resize(map: "\(name)_\(parity)", to: count) }
    }
}
