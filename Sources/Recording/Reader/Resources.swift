import GRDB
import Model

/// A resource as a recording has it.
public struct ResourceRow: Sendable, Equatable {
    public var id: Int64
    /// `ResourceKind.name`.
    public var kind: String
    public var name: String
    public var identity: String
    /// The process that met it first.
    public var pid: UInt32
    public var path: String?
    public var localAddress: String?
    public var remoteAddress: String?
    public var direction: String?

    /// Connections differ in a port that means nothing to people: this leaves it out, so that all connections
    /// of a client host to a server's port are one.  For other resources it is the name.
    public var group: String {
        guard kind == ResourceKind.inet.name, let local = localAddress, let remote = remoteAddress else {
            return name
        }
        let type = name.prefix { $0 != " " }
        return direction == "inbound"
            ? "\(type) \(local) <- \(Self.withoutPort(remote))"
            : "\(type) \(Self.withoutPort(local)) -> \(remote)"
    }

    private static func withoutPort(_ address: String) -> String {
        address.lastIndex(of: ":").map { String(address[..<$0]) } ?? address
    }
}

extension Recording {
    /// All resources by their ids.
    public func resources() throws(RecordingError) -> [Int64: ResourceRow] {
        try read { db in
            var resources: [Int64: ResourceRow] = [:]
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM resources")
            while let row = try rows.next() {
                let id = row.integer("resource_id")
                resources[id] = ResourceRow(
                    id: id, kind: row.text("kind"), name: row.text("name"), identity: row.text("identity"),
                    pid: row.id("pid"), path: row.optionalText("path"),
                    localAddress: row.optionalText("local_address"),
                    remoteAddress: row.optionalText("remote_address"),
                    direction: row.optionalText("direction"))
            }
            return resources
        }
    }
}
