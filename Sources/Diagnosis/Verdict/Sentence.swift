import Model

/// Findings in words.
enum Sentence {
    static func summary(_ findings: Findings) -> String {
        guard let index = findings.verdict else {
            return findings.entryThreads.isEmpty
                ? "No thread that serves anybody was seen, so there is no bottleneck to name."
                : "No bottleneck: the threads that serve requests are held up by nothing out of the ordinary."
        }
        let cause = findings.causes[index]
        var text = what(cause) + ": " + percent(cause.share) + " of the service time"
        if let added = cause.addedPerUnit, added > 0 {
            text += ", \(duration(added)) more for each piece of work than before"
        }
        return text + "."
    }

    /// What a cause is, without numbers.
    static func what(_ cause: Cause) -> String {
        let who = name(cause.culprit)
        let through = cause.via == "self" ? "" : ", met through \(article(cause.via))"
        switch cause.kind {
        case .onCPU:
            return cause.via == "self"
                ? "The service itself is computing, in \(who)"
                : "\(who) is computing while others wait for it\(through)"
        case .cpuContention: return "\(who) has the CPU that the service needs\(through)"
        case .cpuQuota: return "The CPU quota of cgroup \(cause.culprit.cgroup ?? "?") is used up\(through)"
        case .cpuSteal: return "The hypervisor has the CPU that the service needs\(through)"
        case .wakeupLatency: return "The CPU that is to run \(who) has to wake up first\(through)"
        case .blockDevice:
            let device = cause.culprit.device ?? "The disk"
            let loader = cause.culprit.comm.map { ", loaded by \($0)\(pid(cause.culprit))" } ?? ""
            return "\(device) is what the service waits for\(loader)\(through)"
        case .ioThrottle:
            return "Cgroup \(cause.culprit.cgroup ?? "?") has used up its limit for I/O\(through)"
        case .memory:
            return "Memory is short for \(cause.culprit.cgroup.map { "cgroup " + $0 } ?? who)\(through)"
        case .remoteEndpoint:
            let place = cause.culprit.endpoint ?? who
            return
                "The other end of a connection, \(place), takes its time\(cause.culprit.comm.map { " (\($0)\(pid(cause.culprit)))" } ?? "")"
        case .network: return "The network to \(cause.culprit.endpoint ?? who) delays what is sent"
        case .client: return "\(who) waits for its own client and holds up others\(through)"
        case .sleep: return "\(who) sleeps by design while others wait for it\(through)"
        case .deadlock: return "\(who) is in a deadlock: threads wait for one another\(through)"
        case .unattributed: return "No cause was found"
        }
    }

    static func name(_ culprit: Culprit) -> String {
        if culprit.kind == "hypervisor" { return "The hypervisor" }
        guard let comm = culprit.comm else {
            return culprit.cgroup ?? culprit.endpoint ?? culprit.device ?? "Somebody"
        }
        let thread = culprit.kind == "thread" && culprit.tid != culprit.pid
        return comm + pid(culprit) + (thread ? ", thread \(culprit.tid ?? 0)" : "")
    }

    private static func pid(_ culprit: Culprit) -> String { culprit.pid.map { " (pid \($0))" } ?? "" }

    private static func article(_ via: String) -> String {
        switch via {
        case "inet": "a network connection"
        case "unix": "a unix socket"
        case "io_uring": "an io_uring"
        case "block": "the disk"
        case "memory": "memory"
        default: (via.first.map { "aeiou".contains($0) } == true ? "an " : "a ") + via
        }
    }

    /// The steps of a path, with names.
    static func steps(_ hops: [Hop], share: Double, _ evidence: Evidence) -> [PathStep] {
        hops.map { hop in
            let subject = hop.subject < 0 ? nil : evidence.subjects[Int(hop.subject)]
            return PathStep(
                thread: thread(hop.thread, evidence), waitKind: subject?.kind.name ?? "other",
                resource: hop.resource < 0 ? nil : evidence.resources[Int(hop.resource)].name,
                waker: hop.wakerThread < 0 ? nil : thread(hop.wakerThread, evidence), share: share)
        }
    }

    static func thread(_ index: Int32, _ evidence: Evidence) -> String {
        let facts = evidence.threads[Int(index)]
        return facts.comm + "/" + "\(facts.tid)"
    }

    static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

    static func factor(_ value: Double) -> String {
        let tenths = Int((min(value, 1e6) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func duration(_ nanoseconds: Double) -> String {
        let units: [(Double, String)] = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")]
        for (size, unit) in units where nanoseconds >= size { return factor(nanoseconds / size) + " " + unit }
        return "\(Int(nanoseconds)) ns"
    }
}
