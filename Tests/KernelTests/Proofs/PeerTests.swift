import CommandRunning
import Foundation
import Model
import Testing

extension Proofs {
    /// Other tools, on the same threads at the same time, see the same.
    ///
    /// Each program's threads begin after the tool has attached and end before it prints, so both have seen all of
    /// them.  The two loads are the two ways into the run queue: being preempted, and being woken, and other threads
    /// keep the CPUs busy, so that a stay in the run queue is long against the switch that ends it.
    @Suite(.needsKernel, .serialized) struct PeerTests {
        static let loads = [["spinner_pair", "1500"], ["sleeper", "150", "5", "500", "4"]]

        /// runqlat times from waking or preemption to the switch in, as we do, in a histogram of powers of two
        /// of microseconds.  Our recordings have no histogram of run-queue time; so the number of stays must be
        /// the same, and our sum must lie between the sums of its slots' lower and upper ends.
        ///
        /// It takes a thread that was preempted on its way to sleep for one that sleeps, hence the 2 %.  And it reads
        /// its clock when the switch is nearly done, while the kernel, and so we, charge the thread that gets the CPU
        /// with the switch: that is 10 us and more where timers are set through a hypervisor.  Where the kernel tells
        /// nobody of switches from some tasks, it lacks the stays that these end; the kernel's own count, which has
        /// them, then says who is right.
        @Test(.needsPeer("runqlat"), arguments: loads)
        func runqlat(load: [String]) throws {
            let peer = try Peer.attached("\(tool("runqlat")) -L", links: 3, to: load)
            let slots = Self.slots(peer.output)
            for truth in peer.truths {
                let total = peer.total(truth)
                let theirs = try #require(slots[truth.tid ?? 0], "no thread \(truth.tid ?? 0)")
                let count = theirs.reduce(0) { $0 + $1.count }
                // A thread has run once for each stay in the run queue.
                #expect(
                    isClose(total.bursts, truth.run_queues ?? 0, within: 0.02, slack: 3),
                    "\(total.bursts) of the kernel's \(truth.run_queues ?? 0)")
                #expect(count <= total.bursts + max(total.bursts / 50, 3), "\(total.bursts) of \(count)")
                let least = theirs.reduce(0) { $0 + $1.count * $1.from } * 1000
                let most = theirs.reduce(0) { $0 + $1.count * ($1.to + 1) } * 1000
                let missed = total.bursts - min(total.bursts, count)
                #expect(
                    total.runQueue + total.runQueue / 50 + count * 20_000 >= least, "\(total.runQueue) ns")
                #expect(
                    total.runQueue <= most + most / 50 + missed * total.longestRunQueue,
                    "\(total.runQueue) ns")
            }
        }

        /// offcputime times from one switch out to the next switch in, whatever the reason: our waits and stays in
        /// the run queue together.  It leaves out each stretch's part of a microsecond, and the time from a thread's
        /// creation to its first run, which is a stay in the run queue too.  Its hook runs in the context of the task
        /// that gets the CPU: where that is one in whose context the kernel runs no program, it lacks the whole stretch.
        /// So it may have less than we; what the kernel's own account leaves of the thread's life says who is right.
        @Test(.needsPeer("offcputime"), arguments: loads)
        func offcputime(load: [String]) throws {
            let peer = try Peer.attached(tool("offcputime"), links: 1, to: load)
            let offCPU = Self.microsecondsOffCPU(peer.output)
            for truth in peer.truths {
                let total = peer.total(truth)
                let theirs = (offCPU[truth.tid ?? 0] ?? 0) * 1000
                let ours = total.blocked + total.runQueue - peer.beforeFirstRun(truth)
                let slack = 2_000_000 + total.bursts * 1000
                #expect(theirs <= ours + max(ours / 50, slack), "\(ours) of \(theirs) ns")
                #expect(ours <= theirs + max(theirs / 10, slack), "\(ours) of \(theirs) ns")
                let kernel = total.alive - min(total.alive, total.kernelOnCPU)
                #expect(
                    isClose(total.blocked + total.runQueue, kernel, within: 0.02, slack: slack),
                    "\(total.blocked + total.runQueue) of the kernel's \(kernel) ns")
            }
        }

        /// `perf sched latency` prints a thread's number of stays in the run queue and their mean to a microsecond,
        /// so the sum is known to half a microsecond a stay.  Only for threads that are preempted: perf 6.1 does not
        /// count the stays that begin with a waking on a kernel as new as 6.18, and a few of the shortest.  Where the
        /// kernel tells nobody of switches from some tasks, perf lacks the stays that these end; the kernel's own sum,
        /// which has them, then says who is right.
        @Test(.needsPeer("perf")) func perfSched() throws {
            let peer = try Peer.scheduled(by: tool("perf"), Self.loads[0])
            let delays = Self.delays(peer.output)
            for truth in peer.truths {
                let total = peer.total(truth)
                let theirs = try #require(delays[truth.tid ?? 0], "no thread \(truth.tid ?? 0)")
                let slack = total.runQueue / 50 + 500_000 + theirs.count * 500
                let missed = total.runQueues - min(total.runQueues, theirs.count)
                #expect(theirs.sum <= total.runQueue + slack, "\(total.runQueue) of \(theirs.sum) ns")
                #expect(
                    total.runQueue <= theirs.sum + slack + missed * total.longestRunQueue,
                    "\(total.runQueue) of \(theirs.sum) ns, which lack \(missed) stays")
                #expect(isClose(total.runQueue, total.kernelRunQueue, within: 0.02, slack: 1_000_000))
            }
        }

        /// biolatency times each request of the host from its issue to its completion, in a histogram of powers of two of
        /// microseconds: so is our time of the device, of which there must be as many, and whose sum must lie between the
        /// sums of its slots' ends.
        @Test(.needsPeer("biolatency")) func biolatency() throws {
            let scratch = try Scratch()
            let peer = try Peer.attached(
                tool("biolatency"), links: 2,
                to: ["file_waits", scratch.path("data"), "4000", "16384", "direct"],
                isOfWholeHost: true)
            let slots = (Self.slots(peer.output)[0] ?? []).filter { $0.count > 0 }
            let ours = Observation.sum(peer.seen.batches.flatMap(\.block))
            let count = slots.reduce(0) { $0 + $1.count }
            #expect(count > 4000)
            #expect(isClose(ours.requests, count, within: 0.02, slack: 20), "\(ours.requests) of \(count)")
            let least = slots.reduce(0) { $0 + $1.count * $1.from } * 1000
            let most = slots.reduce(0) { $0 + $1.count * ($1.to + 1) } * 1000
            #expect(ours.deviceTotal + ours.deviceTotal / 50 >= least, "\(ours) of \(least) ns")
            #expect(ours.deviceTotal <= most + most / 50, "\(ours) of \(most) ns")
        }

        /// fio counts its own reads; its time of each has the way through the kernel in it, and back to fio.
        @Test(.needsPeer("fio"), arguments: ["psync", "libaio --iodepth=8"]) func fio(engine: String) throws {
            let scratch = try Scratch()
            let seen = try Fio.run(scratch, "--rw=randread --bs=256k --loops=6 --ioengine=\(engine)")
            let reads = seen.reads
            #expect(reads.bytes == seen.bytes, "\(reads.bytes) of \(seen.bytes)")
            if engine == "psync" { #expect(reads.requests == seen.requests) }
            let mean = Double(reads.queueTotal + reads.deviceTotal) / Double(max(1, reads.requests))
            #expect(
                mean <= seen.meanLatency * 1.02 && mean >= seen.meanLatency * 0.5,
                "\(mean) of \(seen.meanLatency) ns")
        }

        // MARK: What the tools print

        /// `tid = 12 name`, then lines like `4 -> 7 : 6 |**** |` in microseconds.
        private static func slots(_ text: String) -> [UInt32: [(from: UInt64, to: UInt64, count: UInt64)]] {
            var slots: [UInt32: [(from: UInt64, to: UInt64, count: UInt64)]] = [:]
            var thread: UInt32 = 0
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.count >= 3, words[0] == "tid" { thread = UInt32(words[2]) ?? 0 }
                guard words.count >= 5, words[1] == "->", let from = UInt64(words[0]),
                    let to = UInt64(words[2]),
                    let count = UInt64(words[4])
                else { continue }
                slots[thread, default: []].append((from, to, count))
            }
            return slots
        }

        /// Below each stack `- name (12)`, and microseconds on the next line.
        private static func microsecondsOffCPU(_ text: String) -> [UInt32: UInt64] {
            var sums: [UInt32: UInt64] = [:]
            var thread: UInt32?
            for line in text.split(separator: "\n") {
                if let thread, let sum = UInt64(line.trimmingCharacters(in: .whitespaces)) {
                    sums[thread, default: 0] += sum
                }
                let words = line.split(separator: " ")
                thread = words.first == "-" ? words.last.flatMap { UInt32($0.dropFirst().dropLast()) } : nil
            }
            return sums
        }

        /// `name:12 | 155.889 ms | 44 | avg: 7.865 ms | ...`: run time, stays, mean stay.
        private static func delays(_ text: String) -> [UInt32: (count: UInt64, sum: UInt64)] {
            var delays: [UInt32: (count: UInt64, sum: UInt64)] = [:]
            for line in text.split(separator: "\n") {
                let columns = line.split(separator: "|").map { $0.split(separator: " ") }
                guard columns.count > 3, let thread = columns[0].last?.split(separator: ":").last,
                    let tid = UInt32(thread), let count = columns[2].first.flatMap({ UInt64($0) }),
                    columns[3].count > 1, let mean = Double(columns[3][1])
                else { continue }
                delays[tid] = (count, UInt64(mean * 1e6 * Double(count)))
            }
            return delays
        }
    }
}
