import BPF
import Model
import ProbeRecords

extension ConnectionSample {
    /// - Parameter before: what the connection had sent again at its last sample; nil without one.
    init(resource: UInt32, sums: stall_connection_sums, before: UInt64?) {
        let ever = sums.retransmits_ever
        let before = min(before ?? sums.retransmits_before, ever)
        self.init(
            resource: Int64(resource), retransmits: ever - before, retransmitsEver: ever,
            lostEver: sums.lost_ever, dropsEver: sums.drops_ever,
            roundTrip: UInt64(sums.round_trip_us) * 1000, window: UInt64(sums.window))
    }
}

extension KernelPlane {
    /// Connections that sent packets again in the tick that ended last.
    ///
    /// - Parameter before: what a connection's sample before said that it had sent again ever.
    public func takeConnections(
        before: (Int64) -> UInt64?, _ receive: (ConnectionSample) -> Void
    ) throws(BPFError) {
        try connections.drain(tick: endedTick) { id, sums in
            receive(ConnectionSample(resource: id, sums: sums, before: before(Int64(id))))
        }
    }
}
