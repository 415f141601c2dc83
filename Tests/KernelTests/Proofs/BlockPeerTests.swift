import CommandRunning
import Foundation
import Model
import Testing

extension Proofs {
    /// Requests to block devices, beside what the kernel and fio count of them.
    @Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct BlockPeerTests {
        private let scratch: Scratch
        init() throws { scratch = try Scratch() }

        /// Buffered data are written by a thread of the kernel, unless somebody asks for it.
        @Test func whoAsksForWriteBackSubmitsIt() throws {
            let path = scratch.path("data")
            let size = 8 << 20
            let seen = try Observation.of(
                path: "/bin/sh", ["-c", "head -c \(size) /dev/urandom >\(path) && sync -f \(path)"])
            let writes = seen.block(.write)
            #expect(Observation.sum(writes).bytes >= size)
            let byHand = Observation.sum(writes.filter { $0.submitter.comm == "sync" })
            let byKernel = Observation.sum(writes.filter { $0.submitter.comm.hasPrefix("kworker/") })
            #expect(byHand.bytes + byKernel.bytes >= size, "\(writes)")
        }

        /// The kernel's own counters: /proc/diskstats, of the whole host.
        @Test func theKernelCountsTheSame() throws {
            let data = scratch.path("data")
            let reader = try TestProgram("file_waits").path
            let writer = try TestProgram("fsync_writer").path
            let script = """
                cat /proc/diskstats >\(scratch.path("before"))
                \(reader) \(data) 3000 16384 direct >/dev/null
                \(writer) \(data) 200 65536 >/dev/null
                cat /proc/diskstats >\(scratch.path("after"))
                """
            let seen = try Observation.of(path: "/bin/sh", ["-c", script])
            #expect(seen.losses.isEmpty)
            let before = try DiskCounters.read(scratch.path("before"))
            let after = try DiskCounters.read(scratch.path("after"))
            var compared = 0
            for (device, end) in after {
                let start = before[device] ?? DiskCounters()
                for (operation, theirs) in end.since(start) where theirs.requests > 100 {
                    let ours = Observation.sum(seen.block(operation).filter { $0.device == device })
                    expectSame(ours, theirs)
                    compared += 1
                }
            }
            #expect(compared >= 2, "reads and writes of one device at least")
        }

        private func expectSame(_ ours: BlockSample, _ theirs: DiskCounters.Counts) {
            let time = ours.queueTotal + ours.deviceTotal
            let times: UInt64 = theirs.milliseconds * 1_000_000
            #expect(isClose(ours.requests, theirs.requests, within: 0.02, slack: 20), "\(ours) and \(theirs)")
            #expect(isClose(ours.bytes, theirs.sectors * 512, within: 0.02, slack: 1_000_000))
            // The kernel takes the time once for all that a thread submits until it sleeps, so its requests begin some
            // microseconds early: 3 to 45 of 160 to 200, more where the CPU is slow.
            let early = time / 2
            #expect(time <= times + times / 50 + 20_000_000, "\(ours) and \(theirs)")
            #expect(time + times / 50 + early + 20_000_000 >= times, "\(ours) and \(theirs)")
        }

        /// As many requests as fio made, and as long.
        @Test(.needsPeer("fio"), arguments: ["--ioengine=psync", "--ioengine=libaio --iodepth=4"])
        func fioMeasuresTheSame(engine: String) throws {
            let disk = try #require(
                try SlowDisk(scratch, megabytes: 16, bytesPerSecond: 4 << 20),
                "no loop device, or no cgroup for its limit")
            // By time: at the end of a number of requests fio collects the last ones together, so late for all but one.
            let fio = try Fio.run(
                scratch, "--rw=randread --bs=64k --time_based --runtime=3 \(engine)", on: disk.path,
                size: "16m",
                cgroup: disk.cgroup)
            #expect(fio.observation.losses.isEmpty)
            let name = URL(fileURLWithPath: disk.path).lastPathComponent
            let device = try #require(fio.observation.devices.first { $0.value == name }?.key)
            let reads = Observation.sum(fio.observation.block(.read).filter { $0.device == device })
            #expect(reads.requests == fio.requests && fio.requests >= 100, "\(reads) and \(fio.requests)")
            #expect(reads.bytes == fio.bytes)
            let ours = Double(reads.queueTotal + reads.deviceTotal) / Double(reads.requests)
            #expect(
                abs(ours - fio.meanLatency) <= fio.meanLatency * 0.02, "\(ours) and \(fio.meanLatency) ns")
        }

        /// Each tick tells what was under way when it ended, and nothing is counted twice.
        @Test(.needsPeer("fio")) func whatIsUnderWayAtTheEndOfATickIsTold() throws {
            let seen = try Fio.run(
                scratch, "--rw=randread --bs=128k --time_based --runtime=3 --ioengine=libaio --iodepth=32",
                interval: .milliseconds(20))
            let busy = seen.observation.batches.filter { batch in batch.block.contains { $0.inFlight > 0 } }
            #expect(!busy.isEmpty)
            for batch in busy {
                for sample in batch.block { #expect((sample.inFlight > 0) == (sample.inFlightTotal > 0)) }
            }
            let last = try #require(seen.observation.batches.last)
            #expect(last.block.filter { $0.submitter.comm == "fio" }.allSatisfy { $0.inFlight == 0 })
            // Neighbours that are read at once may become one request; what they move stays the same.
            #expect(seen.reads.requests <= seen.requests)
            #expect(seen.reads.bytes == seen.bytes)
        }
    }
}

/// A line of /proc/diskstats, of a whole disk (Documentation/admin-guide/iostats.rst).
private struct DiskCounters {
    struct Counts {
        var requests: UInt64 = 0
        var sectors: UInt64 = 0
        var milliseconds: UInt64 = 0

        static func - (left: Counts, right: Counts) -> Counts {
            Counts(
                requests: left.requests &- right.requests, sectors: left.sectors &- right.sectors,
                milliseconds: left.milliseconds &- right.milliseconds)
        }
    }

    var reads = Counts()
    var writes = Counts()

    func since(_ start: DiskCounters) -> [(RequestOperation, Counts)] {
        [(.read, reads - start.reads), (.write, writes - start.writes)]
    }

    /// By device, as the kernel numbers it.
    static func read(_ path: String) throws -> [UInt32: DiskCounters] {
        var counters: [UInt32: DiskCounters] = [:]
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            let fields = line.split(separator: " ")
            let numbers = fields.map { UInt64($0) ?? 0 }
            guard numbers.count >= 14 else { continue }
            counters[UInt32(numbers[0]) << 20 | UInt32(numbers[1])] = DiskCounters(
                reads: Counts(requests: numbers[3], sectors: numbers[5], milliseconds: numbers[6]),
                writes: Counts(requests: numbers[7], sectors: numbers[9], milliseconds: numbers[10]))
        }
        return counters
    }
}
