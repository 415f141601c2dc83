import GRDB
import Model

/// Rows of resources, and the names of the devices behind waits.
struct ResourceRows {
    private let insert: RowStatement
    private let device: RowStatement

    init(_ db: Database) throws {
        insert = try RowStatement(
            db, "INSERT OR REPLACE INTO resource_rows VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        device = try RowStatement(db, "INSERT OR REPLACE INTO devices VALUES (?,?)")
    }

    func store(_ batch: TickBatch) throws {
        for resource in batch.resources { try store(resource) }
        for (number, name) in batch.devices {
            try device.run { row in
                row.add(number)
                row.add(name)
            }
        }
    }

    private func store(_ resource: Resource) throws {
        try insert.run { row in
            row.add(resource.id)
            row.add(Int64(resource.kind.rawValue))
            row.add(resource.identity)
            row.add(resource.name)
            row.add(resource.since)
            row.add(resource.pid)
            row.add(resource.device)
            row.add(resource.inode)
            row.add(resource.path)
            row.add(resource.socketType)
            row.add(resource.localAddress)
            row.add(resource.remoteAddress)
            row.add(resource.netNamespace)
            if let direction = resource.direction { row.add(direction.rawValue) } else { row.addNull() }
            row.add(resource.peerPID)
            row.add(resource.peerInode)
            if resource.members.isEmpty {
                row.addNull()
            } else {
                row.add("[" + resource.members.map(String.init).joined(separator: ",") + "]")
            }
        }
    }
}
