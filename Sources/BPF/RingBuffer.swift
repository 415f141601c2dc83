import CLibbpf
import Glibc
import SystemPackage

/// The reading end of ring buffers that programs write records into.
public final class RingBuffer {
    private final class Receiver {
        let receive: (UnsafeRawBufferPointer) -> Void
        init(_ receive: @escaping (UnsafeRawBufferPointer) -> Void) { self.receive = receive }
    }

    private let handle: OpaquePointer
    private var receivers: [Receiver]

    // The callback borrows the receiver, which lives as long as this object and so as the handle.
    private static let take: ring_buffer_sample_fn = { context, data, size in
        guard let context, let data else { return 0 }
        let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
        receiver.receive(UnsafeRawBufferPointer(start: data, count: size))
        return 0
    }

    init(descriptor: Int32, receive: @escaping (UnsafeRawBufferPointer) -> Void) throws(BPFError) {
        let receiver = Receiver(receive)
        receivers = [receiver]
        let created = ring_buffer__new(
            descriptor, Self.take, Unmanaged.passUnretained(receiver).toOpaque(), nil)
        guard let created else {
            throw BPFError(step: "open the ring buffer", errno: Errno(rawValue: Glibc.errno))
        }
        handle = created
    }

    /// From now on the records of another ring buffer are taken too.
    func add(descriptor: Int32, receive: @escaping (UnsafeRawBufferPointer) -> Void) throws(BPFError) {
        let receiver = Receiver(receive)
        receivers.append(receiver)
        let result = ring_buffer__add(
            handle, descriptor, Self.take, Unmanaged.passUnretained(receiver).toOpaque())
        guard result == 0 else { throw BPFError(step: "open the ring buffer", result: result) }
    }

    deinit { ring_buffer__free(handle) }

    /// Waits until a program asks for attention, at most `milliseconds`, and takes what is there.
    ///
    /// Returns early, without an error, when a signal arrives.
    public func wait(milliseconds: Int32) throws(BPFError) {
        let result = ring_buffer__poll(handle, milliseconds)
        guard result >= 0 || result == -EINTR else {
            throw BPFError(step: "wait for the ring buffer", result: result)
        }
    }

    /// Takes what is there now.
    public func consume() throws(BPFError) {
        let result = ring_buffer__consume(handle)
        guard result >= 0 else { throw BPFError(step: "read the ring buffer", result: result) }
    }
}
