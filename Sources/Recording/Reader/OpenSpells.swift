import Diagnosis
import GRDB
import Model

extension Recording {
    /// Waits that were not over at the last tick, of a recording that goes on or whose recorder was killed: only an orderly end
    /// stores them as spells.  They are known from the ticks' sums, each from the tick on in which it began.
    static func addOpenSpells(to builder: inout EvidenceBuilder, _ db: Database) throws {
        guard
            let newest = try Row.fetchOne(
                db, sql: "SELECT tick, time_ns FROM ticks ORDER BY tick DESC LIMIT 1")
        else { return }
        let end = newest.unsigned("time_ns")
        let offset = try Schema.idleOffsets(db).begin
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT v.thread AS thread, r.kind AS kind, r.syscall AS syscall, r.direction AS direction, r.flags AS flags,
                    r.resource AS resource, r.device AS device, t.time_ns - r.total_ns AS left_ns
                FROM wait_samples r JOIN ticks t ON t.tick = r.tick JOIN thread_versions v ON v.id = r.thread
                WHERE r.tick = ? AND r.waker = 0
                UNION ALL
                SELECT v.thread, r.kind, r.syscall, r.direction, r.flags, r.resource, r.device,
                    t.time_ns - t.duration_ns + \(offset) - coalesce(
                        (SELECT sum(s.total_ns) FROM wait_samples s
                         WHERE s.tick = r.first_tick - 1 AND s.thread = r.thread AND s.waker = 0), 0)
                FROM idle_runs r JOIN ticks t ON t.tick = r.first_tick JOIN thread_versions v ON v.id = r.thread
                WHERE r.last_tick IS NULL AND v.ended_ns IS NULL
                """, arguments: [newest.integer("tick")])
        while let row = try rows.next() {
            let subject = WaitSubject(
                kind: row.integer("kind"), syscall: row.integer("syscall"),
                direction: row.integer("direction"),
                flags: row.integer("flags"), resource: row.integer("resource"), device: row.integer("device"))
            builder.add(
                Interval(
                    thread: row.integer("thread"), left: row.unsigned("left_ns"), woken: end, ran: end,
                    wait: subject))
        }
    }
}
