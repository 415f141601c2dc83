import CommandRunning
import Foundation
import Model
import Probes
import Testing

extension Proofs {
    /// Requests of io_uring and aio beside what fio itself measures of each.
    @Suite(.needsKernel, .needsDiskAndCgroups, .serialized, .needsPeer("fio")) struct AsyncFioTests {
        private let scratch: Scratch
        init() throws { scratch = try Scratch() }

        /// A job of fio with one request at a time, and what was counted of its process.
        private struct Job {
            var fio: Fio
            var seen: Observation { fio.observation }
            var pid: UInt32 = 0
            var samples: [AsyncSample] = []
            var sum: AsyncSample { Observation.sum(samples) }

            /// Threads of its process, those that the kernel made for its ring included.
            var threads: [ThreadVersion] {
                let processes = seen.processes
                return seen.threads.values.filter { processes[$0.process]?.pid == pid }
            }
        }

        /// While a first job goes slowly, the programs are attached; the second is the one that counts.
        private func run(_ options: String, limits: KernelPlane.Limits = KernelPlane.Limits()) throws -> Job {
            let fio = try Fio.run(
                scratch,
                "\(options) --rate_iops=50 --time_based --runtime=2 --name=u --stonewall \(options) --io_size=8m",
                limits: limits)
            #expect(fio.observation.losses.isEmpty)
            fio.observation.expectTimeIsConserved()
            var job = Job(fio: fio)
            let (threads, processes) = (fio.observation.threads, fio.observation.processes)
            var byProcess: [UInt32: [AsyncSample]] = [:]
            for (thread, sample) in fio.observation.batches.flatMap(\.async) {
                guard let process = threads[thread]?.process, let pid = processes[process]?.pid else {
                    continue
                }
                byProcess[pid, default: []].append(sample)
            }
            let largest = try #require(
                byProcess.max { Observation.sum($0.value).requests < Observation.sum($1.value).requests })
            (job.pid, job.samples) = (largest.key, largest.value)
            return job
        }

        /// Every request is there, and what fio measures beyond ours is what its process did or was kept from doing.
        private func expectTheSame(_ job: Job) {
            let sum = job.sum
            #expect(sum.requests == job.fio.requests && sum.errors == 0 && sum.untold == 0, "\(sum)")
            let theirs = UInt64(job.fio.meanLatency * Double(job.fio.requests))
            let tids = Set(job.threads.map(\.tid))
            let busy = tids.reduce(UInt64(0)) { busy, tid in
                let total = job.seen.total(tid: tid)
                return busy + total.onCPU + total.runQueue
            }
            #expect(sum.total <= theirs + theirs / 100, "\(sum) of \(theirs) ns")
            #expect(sum.total + busy + job.seen.stolen >= theirs, "\(sum) of \(theirs) ns, \(busy) busy")
            let files = Set(job.samples.map { job.seen.resources[$0.file]?.path ?? "" })
            #expect(files == [scratch.path("fio")])
        }

        @Test(arguments: ["", "--registerfiles=1 --fixedbufs=1"]) func reads(how: String) throws {
            let job = try run("--ioengine=io_uring --rw=randread --bs=4k \(how)")
            expectTheSame(job)
            let operation = how.isEmpty ? "read" : "read_fixed"
            #expect(Set(job.samples.map { AsyncOperations.ofRings[Int($0.operation)] }) == [operation])
        }

        /// The thread that the kernel made to poll the ring submits, and is its owner's.
        @Test func polledSubmissionsAreTheOwners() throws {
            let job = try run("--ioengine=io_uring --rw=randread --bs=4k --sqthread_poll=1")
            expectTheSame(job)
            let threads = job.threads
            let poller = try #require(threads.first { $0.comm.hasPrefix("iou-sqp-") }, "\(threads)")
            let submitters = Set(
                job.seen.async.filter { entry in
                    threads.contains { $0.tid == entry.tid } && entry.sample.requests > 0
                }
                .map(\.tid))
            #expect(submitters == [poller.tid])
            let ring = try #require(job.seen.resources[job.samples.first?.ring ?? 0])
            #expect(ring.kind == .ioUring && ring.pid == job.pid)
            #expect(job.seen.total(tid: poller.tid).onCPU > 0)
        }

        /// Workers are threads of the owner, their waits name the file, and what they write is the owner's.
        @Test func workersAreTheOwners() throws {
            var limits = KernelPlane.Limits()
            limits.hasPageCache = true
            let job = try run(
                "--ioengine=io_uring --rw=write --bs=64k --direct=0 --force_async=1 --fsync=4", limits: limits
            )
            let requests = job.samples.filter { $0.requests > 0 }
            #expect(requests.allSatisfy { $0.issue == .worker })
            let writes = Observation.sum(
                requests.filter { AsyncOperations.ofRings[Int($0.operation)].hasPrefix("write") })
            #expect(writes.requests == job.fio.requests, "\(writes)")
            let workers = job.threads.filter { $0.comm.hasPrefix("iou-wrk-") }
            #expect(!workers.isEmpty)
            let waits = workers.flatMap { job.seen.waits(tid: $0.tid) }
            #expect(Set(waits.map(\.subject.syscall)) == [-1])
            let synced = waits.filter { $0.subject.kind == .fsync }
            #expect(!synced.isEmpty)
            #expect(
                synced.allSatisfy { job.seen.resources[$0.subject.resource]?.path == scratch.path("fio") })

            let file = job.samples.first?.file
            let dirtied = job.seen.batches.flatMap(\.pageCache).filter { $0.file == file }
            let own = dirtied.filter { $0.pid == job.pid }.reduce(0) { $0 + $1.dirtied }
            #expect(
                own >= job.fio.bytes / 4096 && dirtied.allSatisfy { $0.pid != 0 || $0.dirtied == 0 },
                "\(dirtied)"
            )
        }

        @Test func aio() throws {
            var limits = KernelPlane.Limits()
            limits.syscalls = AsyncRequestTests.aioCalls
            let job = try run("--ioengine=libaio --rw=randread --bs=4k", limits: limits)
            expectTheSame(job)
            #expect(job.samples.allSatisfy { $0.issue == .aio })
            #expect(Set(job.samples.map { AsyncOperations.ofAIO[Int($0.operation)] }) == ["pread"])
        }
    }
}
