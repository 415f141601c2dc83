import CLibbpf
import Glibc
import SystemPackage

/// A hash map in the kernel.
public struct Map<Key: BitwiseCopyable, Value: BitwiseCopyable> {
    let descriptor: Int32
    public let capacity: Int
    let name: String

    public func set(_ key: Key, to value: Value) throws(BPFError) {
        let result = withUnsafePointer(to: key) { key in
            withUnsafePointer(to: value) { value in
                bpf_map_update_elem(descriptor, key, value, UInt64(BPF_ANY))
            }
        }
        guard result == 0 else { throw BPFError(step: "write to the map \(name)", result: result) }
    }

    public func remove(_ key: Key) {
        // An element that is not there is as good as removed.
        _ = withUnsafePointer(to: key) { key in bpf_map_delete_elem(descriptor, key) }
    }

    public func value(for key: Key) -> Value? {
        withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { place in
            let result = withUnsafePointer(to: key) { key in
                bpf_map_lookup_elem(descriptor, key, place.baseAddress)
            }
            return result == 0 ? place[0] : nil
        }
    }

    /// Whether there was no element when it was looked at.
    public var isEmpty: Bool { nextKey(after: nil).result == -ENOENT }

    /// Hands over every element; those that are added or removed meanwhile may be left out or come twice.
    public func forEach(_ receive: (Key, Value) -> Void) throws(BPFError) {
        var previous: Key?
        while true {
            let (result, key) = nextKey(after: previous)
            guard let key else {
                if result == -ENOENT { return }
                throw BPFError(step: "walk the map \(name)", result: result)
            }
            if let value = value(for: key) { receive(key, value) }
            previous = key
        }
    }

    private func nextKey(after key: Key?) -> (result: Int32, key: Key?) {
        withUnsafeTemporaryAllocation(of: Key.self, capacity: 1) { next in
            let result =
                if let key {
                    withUnsafePointer(to: key) { bpf_map_get_next_key(descriptor, $0, next.baseAddress) }
                } else {
                    bpf_map_get_next_key(descriptor, nil, next.baseAddress)
                }
            // The kernel has written the key when it says that there is one.
            return (result, result == 0 ? next[0] : nil)
        }
    }

    /// Empties the map, handing every element to `receive`.
    ///
    /// No program may add to these elements meanwhile, or what it adds after they were copied is lost.
    public func drain(_ receive: (Key, Value) -> Void) throws(BPFError) {
        var room = min(capacity, 1024)
        // Where the kernel goes on; 4 bytes for hash maps.
        var position: UInt32?
        while true {
            let (result, next) = takeBatch(of: room, from: position, receive)
            switch result {
            case 0: position = next
            case -ENOENT: return
            case -ENOSPC where room < capacity:
                // One bucket holds more than there is room for; nothing was taken of it yet.
                room = min(capacity, room * 4)
            default: throw BPFError(step: "empty the map \(name)", result: result)
            }
        }
    }

    private func takeBatch(
        of room: Int, from position: UInt32?, _ receive: (Key, Value) -> Void
    ) -> (result: Int32, next: UInt32) {
        withUnsafeTemporaryAllocation(of: Key.self, capacity: room) { keys in
            withUnsafeTemporaryAllocation(of: Value.self, capacity: room) { values in
                var count = UInt32(room)
                var start = position ?? 0
                var next: UInt32 = 0
                let result = withUnsafeMutablePointer(to: &start) { start in
                    bpf_map_lookup_and_delete_batch(
                        descriptor, position == nil ? nil : start, &next, keys.baseAddress,
                        values.baseAddress, &count, nil)
                }
                // The kernel has filled the first `count` elements of both.
                if result == 0 || result == -ENOENT {
                    for index in 0..<Int(count) { receive(keys[index], values[index]) }
                }
                return (result, next)
            }
        }
    }
}
