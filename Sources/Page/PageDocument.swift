/// What the page knows by name.  The series of bins come after it, in the order of these arrays (``PageData``).
///
/// Durations are nanoseconds, times nanoseconds from `origin` on, which is in milliseconds since the Unix epoch: JavaScript's
/// numbers cannot hold the sum.
struct PageDocument: Encodable {
    var schema = "stallscope.page.1"
    var title: String
    var host, kernel, command, version: String
    var cpus: Int
    var isFinished: Bool
    var origin: Double
    /// Time quantum of the series.
    var quantum: UInt64
    var binBegins: [UInt64]
    var binEnds: [UInt64]
    /// Bins for which lengths of waits are told together.
    var histogramBins: Int
    var threads: [Thread]
    var waits: [Wait]
    var occupants: [Occupant]
    var block: [Block]
    var pages: [Pages]
    /// nil: `noVerdict` says why.
    var verdict: Verdict?
    var noVerdict: String?
    var composition: CompositionPart?
    var losses: [LossPart]

    struct Thread: Encodable {
        var tid, pid: UInt32
        var comm, process: String
        /// Whether it serves requests, as far as the diagnosis found.
        var isEntry: Bool
    }

    struct Wait: Encodable {
        /// Index into `threads`.
        var thread: Int
        /// ``StateClass``.
        var state: Int
        var kind, subject, waker: String
        var wakerPid: UInt32?
        /// As the graph shows who ended it: a process, or what else did.
        var ender: String
        /// Nobody needs the thread while it is in this wait.
        var isIdle: Bool
    }

    struct Occupant: Encodable {
        var thread: Int
        var who, kind: String
    }

    struct Block: Encodable {
        var device, operation, who: String
    }

    struct Pages: Encodable {
        var file, who: String
        var hasLookups: Bool
    }

    struct Verdict: Encodable {
        var summary: String
        var reasons: [String]
        var hasBottleneck: Bool
        var window: Stretch
        var baseline: Stretch?
        var causes: [CausePart]
        /// Index into `causes`.
        var cause: Int?
        var entries: [Entry]
        var spells, recorded: Int
        var seen, unattributed: Double
        var lost: UInt64
    }

    struct Stretch: Encodable {
        /// Begin and end of each part, from `origin`.
        var parts: [[Double]]
        var unitsPerSecond, busy: Double
        var servicePerUnit: Double?
    }

    struct CausePart: Encodable {
        /// The same for the same cause in the verdict and in the composition.
        var id: String
        var `class`, via, who, sentence: String
        var share, confidence: Double
        var added: Double?
        /// One sentence for each step.
        var path: [String]
    }

    struct Entry: Encodable {
        var name, process, service: String
        var seen, idle, onCPU: UInt64
        var units: Int
    }

    /// Its series: idle time, pressed time, pieces of work, then each cause's time.
    struct CompositionPart: Encodable {
        /// From `origin`.
        var start: Double
        var width: UInt64
        var bins: Int
        var causes: [CausePart]
    }

    struct LossPart: Encodable {
        var what, place, advice: String
        var count: UInt64
    }
}
