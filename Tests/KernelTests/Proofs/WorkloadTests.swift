import Foundation
import Model
import Probes
import Testing

extension Proofs {
    /// Real programs under load: time is conserved in every thread and tick, and the sums agree with what the
    /// kernel itself counted for the same threads.
    @Suite(.needsKernel, .serialized) struct WorkloadTests {
        @Test(arguments: [
            ["--cpu", "3"], ["--switch", "2"], ["--fork", "2"], ["--futex", "2"], ["--pipe", "2"],
            ["--io", "1", "--hdd", "1", "--hdd-bytes", "64m"],
        ])
        func stress(stressors: [String]) throws {
            let program = try tool("stress-ng")
            let directory = FileManager.default.temporaryDirectory.path
            let seen = try Observation.of(
                path: program, stressors + ["--timeout", "2s", "--temp-path", directory, "--quiet"],
                limits: .roomy)
            seen.expectTimeIsConserved()
            seen.expectAgreementWithKernel()
            #expect(seen.losses.isEmpty)
        }

        @Test func sysbenchThreads() throws {
            let program = try tool("sysbench")
            let seen = try Observation.of(
                path: program, ["threads", "--threads=8", "--time=3", "run"])
            seen.expectTimeIsConserved()
            seen.expectAgreementWithKernel()
            #expect(Set(seen.threads.values.map(\.thread)).count >= 9)
        }

        @Test func redisUnderLoad() throws {
            let server = try tool("redis-server")
            let load = try tool("redis-benchmark")
            let socket = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID().uuidString)")
                .path
            let script = """
                \(server) --port 0 --unixsocket \(socket) --save '' --io-threads 2 >/dev/null &
                while [ ! -S \(socket) ]; do sleep 0.1; done
                \(load) -s \(socket) -c 16 -n \(KernelAccess.scaled(60000)) -t set,get -q >/dev/null
                kill $!; wait; rm -f \(socket)
                """
            let seen = try Observation.of(path: "/bin/sh", ["-c", script])
            seen.expectTimeIsConserved()
            seen.expectAgreementWithKernel()
            #expect(seen.losses.isEmpty)
            #expect(seen.processes.values.contains { $0.comm == "redis-server" })
        }

        @Test func tenThousandShortProcesses() throws {
            let count = KernelAccess.scaled(10000)
            let seen = try Observation.of("fork_storm", ["\(count)", "0", "4"], limits: .roomy)
            seen.expectTimeIsConserved()
            #expect(seen.losses.isEmpty)
            #expect(
                Set(seen.processes.values.filter { $0.parentPID == seen.pid }.map(\.process)).count == count)
        }

        /// Ticks so short that many of them meet a thread at its very end.
        @Test func threadsThatEndWhileTheyAreSettled() throws {
            let count = KernelAccess.scaled(6000)
            let seen = try Observation.of(
                "fork_storm", ["\(count)", "100", "4"], interval: .milliseconds(2), limits: .roomy)
            seen.expectTimeIsConserved()
            #expect(seen.losses.isEmpty)
            #expect(Set(seen.batches.flatMap(\.ends).map(\.thread)).count == count + 1)
            #expect(seen.threads.values.allSatisfy { !$0.comm.hasPrefix("tid ") })
        }

        @Test func aFullEventBufferIsTold() throws {
            var limits = KernelPlane.Limits()
            limits.eventBytes = 4096
            let seen = try Observation.of(
                "fork_storm", ["500", "0", "4"], interval: .seconds(2), limits: limits)
            seen.expectTimeIsConserved()
            #expect(seen.losses.contains { $0.place == KernelLoss.event.place })
            // Every target that was added has been removed: what vanished unseen was noticed.
            let events = seen.batches.flatMap(\.targets)
            #expect(
                events.filter { $0.event == .added }.count == events.filter { $0.event == .removed }.count)
        }
    }
}
