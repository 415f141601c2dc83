import BPF
import Glibc
import Model
import ProbeRecords

/// The end of a tick, and what is taken then.
extension KernelPlane {
    /// Begins the next tick: settles every thread up to now and hands over what the last tick held.
    ///
    /// A thread that has stayed in the wait that its last sample ended with is not reported.
    public func endTick(_ receive: (SampleRecord) -> Void) throws(BPFError) {
        try countPresentTurns()
        control.pointee.tick += 1
        let unsettled = Int(KernelLoss.unsettled.rawValue)
        let before = lossCounts[unsettled]
        // A thread whose CPU was taken away in the middle of a switch is settled on another walk, which
        // passes over those that are settled already.
        for _ in 0..<Self.settlingWalks {
            lossCounts[unsettled] = before
            try walk(receive)
            if lossCounts[unsettled] == before { return }
            usleep(1000)
        }
    }

    private static let settlingWalks = 10

    private func walk(_ receive: (SampleRecord) -> Void) throws(BPFError) {
        let size = MemoryLayout<stall_sample>.size
        var rest: [UInt8] = []
        try settle.run { piece in
            var piece = piece
            if !rest.isEmpty {
                let missing = min(size - rest.count, piece.count)
                rest.append(contentsOf: piece[..<missing])
                piece = UnsafeRawBufferPointer(rebasing: piece[missing...])
                guard rest.count == size else { return }
                rest.withUnsafeBytes { receive(SampleRecord($0)) }
                rest.removeAll(keepingCapacity: true)
            }
            while piece.count >= size {
                receive(SampleRecord(UnsafeRawBufferPointer(rebasing: piece[..<size])))
                piece = UnsafeRawBufferPointer(rebasing: piece[size...])
            }
            rest.append(contentsOf: piece)
        }
    }

    /// How often a thread was given a CPU without a program being run: the task before it is one in whose context this
    /// kernel calls none.  Who is woken in an interrupt meanwhile has no known waker.
    public var unseenTurns: UInt64 { control.pointee.unseen_turns }

    /// The number of the tick that ended last.
    var endedTick: UInt64 { control.pointee.tick &- 1 }

    /// The waits of the tick that ended last which did not fit into the threads' own slots.
    public func takeSpilledWaits(_ receive: (UInt32, WaitRecord) -> Void) throws(BPFError) {
        try spilled.drain(tick: endedTick) { key, value in
            receive(key.thread, WaitRecord(key: key, value: value))
        }
    }

    /// Run-queue time of the tick that ended last whose occupants did not fit into the threads' own slots.
    public func takeSpilledOccupants(_ receive: (UInt32, OccupantRecord) -> Void) throws(BPFError) {
        try spilledOccupants.drain(tick: endedTick) { key, sums in
            receive(
                key.thread,
                OccupantRecord(key: key, total: sums.total, count: sums.count, comm: sums.comm))
        }
    }
}
