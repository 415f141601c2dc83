import CommandRunning
import Foundation
import Model
import ProcFS
import Testing

/// What the host's CPUs and disks did, beside the kernel's counters of a shorter and a longer stretch around it.
@Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct HostTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test func cpusAreAsBusyAsTheKernelSays() throws {
        let burner = try TestProgram("burner").path
        let outerStart = try Self.cpus()
        let script = """
            cat /proc/stat >\(scratch.path("before")); \(burner) 2 300 >/dev/null
            cat /proc/stat >\(scratch.path("after"))
            """
        let seen = try Observation.of(path: "/bin/sh", ["-c", script])
        let outerEnd = try Self.cpus()
        let (start, end) = (try Self.cpus(scratch.path("before")), try Self.cpus(scratch.path("after")))
        for cpu in end.keys {
            let samples = seen.batches.flatMap(\.surroundings.host.cpus).filter { $0.cpu == cpu }
            #expect(samples.count == seen.batches.count)
            let user = samples.reduce(0) { $0 + $1.user }
            let least = try (#require(end[cpu]).user - #require(start[cpu]).user) * 10_000_000
            let most = try (#require(outerEnd[cpu]).user - #require(outerStart[cpu]).user) * 10_000_000
            // Niced programs of others count too.
            let niced = try (#require(outerEnd[cpu]).nice - #require(outerStart[cpu]).nice) * 10_000_000
            #expect(user >= least && user <= most + niced, "\(least) <= \(user) <= \(most) + \(niced)")
        }
        for batch in seen.batches {
            let queue = try #require(batch.surroundings.host.runQueue)
            #expect(queue.tasks > 10 && queue.runnable <= queue.tasks)
        }
    }

    @Test func disksDidWhatTheKernelSays() throws {
        let reader = try TestProgram("file_waits").path
        let outerStart = try Self.disks()
        let script = """
            cat /proc/diskstats >\(scratch.path("before"))
            \(reader) \(scratch.path("data")) 1200 16384 direct >/dev/null
            cat /proc/diskstats >\(scratch.path("after"))
            """
        let seen = try Observation.of(path: "/bin/sh", ["-c", script])
        let outerEnd = try Self.disks()
        let (start, end) = (try Self.disks(scratch.path("before")), try Self.disks(scratch.path("after")))
        let samples = seen.batches.flatMap(\.surroundings.host.devices)
        var compared = 0
        for device in Set(samples.map(\.device)) {
            let own = samples.filter { $0.device == device }
            let reads = own.reduce(0) { $0 + $1.reads }
            let busy = own.reduce(0) { $0 + $1.busy }
            guard let before = start[device], let after = end[device], after.reads - before.reads > 1000
            else {
                continue
            }
            let (first, last) = (try #require(outerStart[device]), try #require(outerEnd[device]))
            #expect(reads >= after.reads - before.reads && reads <= last.reads - first.reads)
            #expect(busy >= (after.busy - before.busy) * 1_000_000)
            #expect(busy <= (last.busy - first.busy) * 1_000_000)
            #expect(own.reduce(0) { $0 + $1.readBytes } >= (after.readSectors - before.readSectors) * 512)
            compared += 1
        }
        #expect(compared >= 1, "\(samples)")
    }

    private static func cpus(_ path: String = "/proc/stat") throws -> [UInt32: HostCounters.CPU] {
        let all = HostCounters.cpus(parsing: [UInt8](try String(contentsOfFile: path, encoding: .utf8).utf8))
        return Dictionary(all.map { ($0.cpu, $0) }, uniquingKeysWith: { $1 })
    }

    private static func disks(_ path: String = "/proc/diskstats") throws -> [String: HostCounters.Disk] {
        let all = HostCounters.disks(parsing: [UInt8](try String(contentsOfFile: path, encoding: .utf8).utf8))
        return Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }
}
