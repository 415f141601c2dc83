import CommandRunning
import Foundation
import Model
import Probes
import Testing

/// A run of fio under our watch, on a file that it fills first, with O_DIRECT.
struct Fio {
    let observation: Observation
    /// What fio itself counted.
    let requests: UInt64
    let bytes: UInt64
    /// Mean time of one, from its submission to its end, nanoseconds.
    let meanLatency: Double

    /// What its job's process read: fio itself may have to be read from the disk as well, by the others.
    var reads: BlockSample {
        let byProcess = Dictionary(grouping: observation.block(.read), by: \.submitter.pid)
            .mapValues(Observation.sum)
        return byProcess.values.max { $0.bytes < $1.bytes } ?? Observation.sum([])
    }

    private struct Output: Decodable {
        struct Job: Decodable { var read, write: Direction }
        struct Direction: Decodable {
            var total_ios, io_bytes: UInt64
            var lat_ns: Latency
        }
        struct Latency: Decodable { var mean: Double }
        var jobs: [Job]
    }

    /// - Parameters:
    ///   - options: of its job; of several (`--name=u --stonewall ...`) the last is what it counted.
    ///   - file: that it reads or writes; a new one unless it is given.
    ///   - cgroup: a directory, of the cgroup that the job is put into.
    static func run(
        _ scratch: Scratch, _ options: String, on file: String? = nil, size: String = "64m",
        cgroup: String? = nil,
        interval: Duration = .milliseconds(500),
        limits: KernelPlane.Limits = KernelPlane.Limits()
    ) throws -> Fio {
        let fio = try tool("fio")
        let common =
            "--filename=\(file ?? scratch.path("fio")) --size=\(size) --direct=1 --output-format=json --name=t"
        let script = """
            \(fio) \(common) --rw=write --bs=1m >/dev/null || exit
            \(cgroup.map { "echo $$ >\($0)/cgroup.procs || exit" } ?? "")
            exec \(fio) \(common) \(options) >\(scratch.path("result"))
            """
        let seen = try Observation.of(path: "/bin/sh", ["-c", script], interval: interval, limits: limits)
        let output = try JSONDecoder().decode(
            Output.self, from: Data(contentsOf: URL(fileURLWithPath: scratch.path("result"))))
        let job = try #require(output.jobs.last)
        let counted = job.read.total_ios > 0 ? job.read : job.write
        return Fio(
            observation: seen, requests: counted.total_ios, bytes: counted.io_bytes,
            meanLatency: counted.lat_ns.mean)
    }
}
