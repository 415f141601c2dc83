import Diagnosis
import Foundation
import Model
import Recording
import Render

/// A recording as the page's scripts read it: the length of a JSON document (32 bits, little endian), the document, and the
/// series that it names.
struct PageData {
    private var document: PageDocument
    private var series: SeriesWriter
    private let threadIndex: [Int64: Int]

    /// Above so many values, times are rounded to a ten-thousandth of a bin.
    private static let preciseValues = 300_000

    init(_ source: PageSource, title: String) {
        let timeline = source.timeline
        let origin = timeline.bins.first?.lowerBound ?? 0
        let waits = PageWaits(timeline.waits, source.resources)
        series = SeriesWriter(quantum: Self.quantum(timeline))
        threadIndex = Dictionary(
            timeline.threads.enumerated().map { ($1.thread, $0) }, uniquingKeysWith: { first, _ in first })
        let header = source.header
        document = PageDocument(
            title: title, host: header.host, kernel: header.kernel, command: header.command,
            version: header.version, cpus: header.cpus, isFinished: source.isFinished,
            origin: Double(origin) / 1e6, quantum: series.quantum,
            binBegins: timeline.bins.map { $0.lowerBound - origin },
            binEnds: timeline.bins.map { $0.upperBound - origin },
            histogramBins: timeline.histogramBins, threads: [], waits: [], occupants: [], block: [],
            pages: [],
            verdict: source.diagnosis.map { VerdictPart.verdict($0, origin: origin) },
            noVerdict: source.noDiagnosis,
            composition: source.diagnosis.map { VerdictPart.composition($0.composition, origin: origin) },
            losses: source.losses)
        let entries = Set(
            source.diagnosis.map { run in
                run.findings.entryThreads.map { run.evidence.threads[Int($0.thread)].id }
            } ?? [])
        addThreads(timeline.threads, entries)
        addWaits(waits, timeline.threads, stretches: timeline.histogramBins)
        addOccupants(timeline.occupants)
        addBlock(timeline.block)
        addPages(timeline.pages)
        if let composition = source.diagnosis?.composition { add(composition) }
    }

    /// - Throws: `EncodingError`.
    func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = try encoder.encode(document)
        let length = UInt32(json.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json + series.bytes
    }

    private static func quantum(_ timeline: Timeline) -> UInt64 {
        let values =
            timeline.waits.reduce(0) { $0 + $1.values.count }
            + timeline.threads.reduce(0) { $0 + $1.onCPU.count + $1.runQueue.count }
        let longest = timeline.bins.reduce(UInt64(0)) { max($0, $1.upperBound - $1.lowerBound) }
        let whole = (timeline.bins.last?.upperBound ?? 0) - (timeline.bins.first?.lowerBound ?? 0)
        // The page adds up in 32 bits.
        return max(1_000, values > preciseValues ? longest / 10_000 : 0, whole / 2_000_000_000)
    }

    private mutating func addThreads(_ threads: [TimelineThread], _ entries: Set<Int64>) {
        for thread in threads {
            document.threads.append(
                PageDocument.Thread(
                    tid: thread.tid, pid: thread.pid, comm: thread.comm, process: thread.processComm,
                    isEntry: entries.contains(thread.thread)))
            series.addTimes(thread.onCPU)
            series.addTimes(thread.runQueue)
        }
    }

    private mutating func addWaits(_ waits: PageWaits, _ threads: [TimelineThread], stretches: Int) {
        let comms = Dictionary(
            threads.map { ($0.pid, $0.processComm) }, uniquingKeysWith: { first, _ in first })
        let ran = Set(threads.filter { !$0.onCPU.isEmpty }.map(\.thread))
        for group in waits.groups {
            let wait = group.wait
            guard let thread = threadIndex[wait.thread] else { continue }
            let ender =
                wait.wakerPID.map { "\(comms[$0] ?? wait.wakerComm ?? "?")/\($0)" } ?? group.waker
            document.waits.append(
                PageDocument.Wait(
                    thread: thread, state: StateClass(kind: wait.kind, device: wait.device).rawValue,
                    kind: wait.kind, subject: group.subject, waker: group.waker, wakerPid: wait.wakerPID,
                    ender: ender, isIdle: group.isIdleKernelThread || !ran.contains(wait.thread)))
            series.addTimes(group.values, counts: true)
            series.add(group.lengths.count)
            for (stretch, lengths) in group.lengths {
                series.add(stretch)
                series.add(lengths.counts.count)
                for count in lengths.counts { series.add(count) }
            }
        }
    }

    /// So many are told apart; the rest are one for each thread and kind.
    private static let occupantLimit = 1_500

    private mutating func addOccupants(_ occupants: [TimelineOccupant]) {
        let sorted = occupants.sorted {
            ($1.occupant.total, $0.occupant.thread) < ($0.occupant.total, $1.occupant.thread)
        }
        for (index, entry) in sorted.enumerated() where index < Self.occupantLimit {
            guard let thread = threadIndex[entry.occupant.thread] else { continue }
            document.occupants.append(
                PageDocument.Occupant(
                    thread: thread, who: Self.name(entry.occupant), kind: entry.occupant.kind))
            series.addTimes(entry.values.merged)
        }
        let rest = Dictionary(grouping: sorted.dropFirst(Self.occupantLimit)) { entry in
            [threadIndex[entry.occupant.thread].map(String.init) ?? "", entry.occupant.kind]
        }
        for (key, entries) in rest.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            guard let thread = Int(key[0]) else { continue }
            document.occupants.append(
                PageDocument.Occupant(thread: thread, who: "others (\(entries.count))", kind: key[1]))
            series.addTimes(entries.flatMap(\.values).merged)
        }
    }

    private static func name(_ occupant: OccupantTotal) -> String {
        switch occupant.kind {
        case "quota": "CPU quota of \(occupant.cgroup ?? "a cgroup")"
        case "latency": "the way onto an idle CPU"
        case "stolen": "the hypervisor"
        case "thread":
            "\(occupant.occupantComm ?? "?")/\(occupant.occupantTID ?? occupant.occupantPID ?? 0)"
        default: occupant.kind
        }
    }

    private mutating func addBlock(_ block: [TimelineBlock]) {
        for entry in block {
            document.block.append(
                PageDocument.Block(
                    device: entry.device, operation: entry.operation, who: Self.name(entry.comm, entry.pid)))
            series.addTimes(entry.deviceTime.merged, counts: true)
            series.addTimes(entry.queueTime.merged)
            series.addNumbers(entry.bytes.merged)
        }
    }

    private mutating func addPages(_ pages: [TimelinePages]) {
        for entry in pages.sorted(by: { Self.sum($0.readIn) > Self.sum($1.readIn) }).prefix(500) {
            document.pages.append(
                PageDocument.Pages(
                    file: entry.file, who: entry.pid == nil ? "others" : Self.name(entry.comm, entry.pid),
                    hasLookups: !entry.lookups.isEmpty))
            for values in [entry.lookups, entry.misses, entry.readIn, entry.dirtied, entry.evicted] {
                series.addNumbers(values.merged)
            }
        }
    }

    private static func sum(_ values: [BinValue]) -> UInt64 { values.reduce(0) { $0 &+ $1.value } }

    private static func name(_ comm: String?, _ pid: UInt32?) -> String {
        guard let pid else { return comm ?? "interrupts" }
        return "\(comm ?? "?")/\(pid)"
    }

    private mutating func add(_ composition: Composition) {
        for times in [composition.idle, composition.pressed] {
            series.addTimes(times.enumerated().map { BinValue(bin: UInt32($0), value: $1) })
        }
        series.addNumbers(
            composition.units.enumerated().map { BinValue(bin: UInt32($0), value: UInt64(clamping: $1)) })
        for part in composition.parts {
            series.addTimes(part.times.map { BinValue(bin: UInt32($0.bin), value: $0.time) })
        }
    }
}
