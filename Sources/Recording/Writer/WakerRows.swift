import GRDB
import Model

/// The wakers that a recording has rows for.
struct WakerRows: Sendable {
    /// The row of `Waker.pending`, there from the start.
    static let pendingID: Int64 = 0
    private var rows = DimensionRows<Waker>()

    /// The row of a waker, inserted if it is new.
    mutating func id(of waker: Waker, _ db: Database) throws -> Int64 {
        waker.kind == .pending ? Self.pendingID : try rows.id(of: waker, db)
    }
}
