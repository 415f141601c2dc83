import Diagnosis
import GRDB
import Model

extension Recording {
    /// What a diagnosis looks at, of a stretch of time or the whole recording.
    ///
    /// - Parameters:
    ///   - range: nanoseconds since the Unix epoch.
    ///   - limit: where there are more spells, about as many are taken, of ticks that are evenly spread.
    public func evidence(
        in range: Range<UInt64> = 0..<UInt64.max, atMost limit: Int = 1_500_000
    ) throws(RecordingError) -> Evidence {
        let (threads, resources, surroundings, choice) = try read { db in
            (
                try Self.threadFacts(db), try Self.resourceRows(db), try SurroundingFacts(range, db),
                try TickChoice(range, atMost: limit, db)
            )
        }
        let slices = try intervalSlices(in: range)
        var builder = EvidenceBuilder(
            threads: threads, resources: resources, slices: choice.map { $0.clip(slices) } ?? slices)
        try read { db in try Self.addSpells(to: &builder, in: range, choice, db) }
        if !isFinished { try read { db in try Self.addOpenSpells(to: &builder, db) } }
        for lock in try heldLocks() { builder.add(lock) }
        try read { db in try Self.addStolenTime(to: &builder, in: range, db) }
        var evidence = builder.finish()
        evidence.surroundings = surroundings
        evidence.lostSpells = try losses().reduce(0) { $0 + ($1.what == Loss.spells ? $1.count : 0) }
        evidence.recordedSpells = choice?.spells ?? evidence.spells.count
        return evidence
    }

    /// Each row of the tables of waits and of occupants is looked at once, however many spells share it.
    private static func addSpells(
        to builder: inout EvidenceBuilder, in range: Range<UInt64>, _ choice: TickChoice?, _ db: Database
    ) throws {
        var names = IntervalNames()
        var waits: [Int64: Spell] = [:]
        var occupants: [Int64: Int32] = [0: -1]
        try forEachSpell(in: range, choice, db) { stored in
            let thread = builder.index(ofThread: stored.thread)
            guard thread >= 0 else { return }
            var spell: Spell
            if let known = waits[stored.wait] {
                spell = known
            } else {
                spell = Spell(left: 0, woken: 0, queued: 0, ran: 0, thread: 0)
                if let wait = try names.wait(stored.wait, db) {
                    spell.subject = builder.index(of: wait.subject)
                    spell.waker = builder.index(of: wait.waker)
                    spell.wakerThread = builder.index(ofThread: wait.wakerThread)
                    spell.member = builder.index(ofResource: wait.member)
                    spell.timedOut = wait.timedOut
                }
                waits[stored.wait] = spell
            }
            if let known = occupants[stored.occupant] {
                spell.occupant = known
            } else {
                spell.occupant = try names.occupant(stored.occupant, db).map { builder.index(of: $0) } ?? -1
                occupants[stored.occupant] = spell.occupant
            }
            spell.thread = thread
            (spell.left, spell.woken, spell.queued, spell.ran) =
                (stored.left, stored.woken, stored.queued, stored.ran)
            builder.add(spell)
        }
    }

    private static func addStolenTime(
        to builder: inout EvidenceBuilder, in range: Range<UInt64>, _ db: Database
    ) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT v.thread AS thread, t.time_ns AS time_ns, t.duration_ns AS duration_ns, r.on_cpu_ns AS on_cpu_ns,
                    r.stolen_ns AS stolen_ns
                FROM ticks t JOIN thread_samples r ON r.tick = t.tick JOIN thread_versions v ON v.id = r.thread
                WHERE t.time_ns > ? AND t.time_ns - t.duration_ns < ? AND r.stolen_ns > 0 ORDER BY t.tick
                """, arguments: [Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound)])
        while let row = try rows.next() {
            let (time, onCPU) = (row.unsigned("time_ns"), row.unsigned("on_cpu_ns"))
            let share = StolenShare(
                from: time - min(time, row.unsigned("duration_ns")), to: time,
                share: Double(row.unsigned("stolen_ns")) / Double(max(1, onCPU)))
            builder.add(share, ofThread: row.integer("thread"))
        }
    }

    /// Locks that threads still waited for when the recording ended.
    public func heldLocks() throws(RecordingError) -> [HeldLock] {
        try read { db in
            guard try db.tableExists("held_lock_rows") else { return [] }
            return try Row.fetchAll(db, sql: "SELECT * FROM held_lock_rows ORDER BY tick, waiter").map {
                row in
                HeldLock(
                    waiter: row.integer("waiter"), holder: row.integer("holder"),
                    resource: row.integer("resource"))
            }
        }
    }

    /// Each thread by its latest version; from when on it was a target, and until when it lived.
    private static func threadFacts(_ db: Database) throws -> [ThreadFacts] {
        let roots = Set(
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT p.process FROM target_events e JOIN process_versions p ON p.id = e.process
                    WHERE e.root
                    """))
        let newest = try UInt64.fetchOne(db, sql: "SELECT max(time_ns) FROM ticks") ?? 0
        var facts: [ThreadFacts] = []
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT v.thread AS thread, v.tid AS tid, v.comm AS comm, v.ended_ns AS ended_ns,
                    (SELECT min(f.since_ns) FROM thread_versions f WHERE f.thread = v.thread) AS since_ns,
                    p.process AS process, p.pid AS pid, p.comm AS process_comm, p.command_line AS command_line,
                    p.cgroup AS cgroup, p.container AS container, p.ended_ns AS process_ended_ns
                FROM thread_versions v LEFT JOIN process_versions p ON p.id = v.process
                WHERE v.id = (SELECT max(n.id) FROM thread_versions n WHERE n.thread = v.thread)
                ORDER BY v.thread
                """)
        while let row = try rows.next() {
            let ended = row.optionalUnsigned("ended_ns") ?? row.optionalUnsigned("process_ended_ns")
            var thread = ThreadFacts(
                id: row.integer("thread"), pid: row.id("pid"), tid: row.id("tid"), comm: row.text("comm"),
                processComm: row.text("process_comm"), isRoot: roots.contains(row.integer("process")),
                knownFrom: row.unsigned("since_ns"), knownTo: ended ?? newest)
            thread.commandLine = row.text("command_line")
            thread.cgroup = row.text("cgroup")
            thread.container = row.text("container")
            facts.append(thread)
        }
        return facts
    }

    private static func resourceRows(_ db: Database) throws -> [Resource] {
        var resources: [Resource] = []
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM resource_rows ORDER BY id")
        while let row = try rows.next() {
            var resource = Resource(
                id: row.integer("id"),
                kind: ResourceKind(rawValue: UInt8(clamping: row.integer("kind"))) ?? .none,
                identity: row.text("identity"), name: row.text("name"), since: row.unsigned("since_ns"),
                pid: row.id("pid"))
            resource.path = row.text("path")
            resource.localAddress = row.text("local_address")
            resource.remoteAddress = row.text("remote_address")
            resource.direction = Resource.Direction(rawValue: row.text("direction"))
            resource.peerPID = row.id("peer_pid")
            resources.append(resource)
        }
        return resources
    }
}

extension SurroundingFacts {
    init(_ range: Range<UInt64>, _ db: Database) throws {
        self.init()
        let (from, to) = (Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound))
        let devices = try Row.fetchCursor(db, sql: "SELECT id, name FROM devices")
        while let row = try devices.next() { deviceNames[row.id("id")] = row.text("name") }
        let loads = try Row.fetchCursor(
            db,
            sql: """
                SELECT t.time_ns AS time_ns, r.device AS device, s.pid AS pid, s.comm AS comm, s.cgroup AS cgroup,
                    sum(r.device_ns) AS device_ns, sum(r.queue_ns) AS queue_ns, sum(r.bytes) AS bytes
                FROM ticks t JOIN block_samples r ON r.tick = t.tick
                LEFT JOIN block_submitters s ON s.id = r.submitter
                WHERE t.time_ns > ? AND t.time_ns - t.duration_ns < ?
                GROUP BY r.tick, r.device, r.submitter ORDER BY r.tick
                """, arguments: [from, to])
        while let row = try loads.next() {
            deviceLoads.append(
                DeviceLoad(
                    device: row.id("device"), pid: row.id("pid"), comm: row.text("comm"),
                    cgroup: row.text("cgroup"), time: row.unsigned("time_ns"),
                    deviceTime: row.unsigned("device_ns"), queueTime: row.unsigned("queue_ns"),
                    bytes: row.unsigned("bytes")))
        }
        guard try db.tableExists("limited_process_rows") else { return }
        let met = Set(
            try String.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT r.cgroup FROM ticks t JOIN cgroup_memory_samples r ON r.tick = t.tick
                    WHERE t.time_ns > ? AND t.time_ns - t.duration_ns < ? AND r.max_events + r.high_events > 0
                    """, arguments: [from, to]))
        let limited = try Row.fetchCursor(
            db, sql: "SELECT pid, controller, cgroup FROM limited_process_rows ORDER BY tick")
        while let row = try limited.next() {
            let (pid, group) = (row.id("pid"), row.text("cgroup"))
            switch LimitedProcess.Controller(rawValue: row.text("controller")) {
            case .memory where met.contains(group): atMemoryLimit[pid] = group
            case .io: underIOLimit[pid] = group
            default: break
            }
        }
    }
}
