import Foundation
import Model
import Testing

extension Proofs {
    /// How much of a thread's time in the run queue is put down to a quota, beside the kernel's own account.
    @Suite(.needsKernel, .serialized) struct QuotaShareTests {
        @Test func aQuotaIsNamedWithItsCgroup() throws {
            let group = try #require(try QuotaGroup(cpus: 0.3))
            let program = try TestProgram("burner").path
            let script = "echo $$ > \(group.directory)/cgroup.procs && exec \(program) 1 2000"
            let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
            seen.expectTimeIsConserved()
            let throttled = try group.throttledTime()
            let held = seen.occupants(ofTID: try seen.truth("burner").tid)
            let total = held.reduce(0) { $0 + $1.total }
            let byQuota = held.filter { $0.occupant.kind == .quota }
            let time = byQuota.reduce(0) { $0 + $1.total }
            #expect(throttled > 500_000_000)
            #expect(isClose(time, throttled, within: 0.05, slack: 20_000_000), "\(time) of \(throttled) ns")
            #expect(Set(byQuota.map(\.occupant.cgroup)) == [group.path])
            #expect(total >= time)
        }

        /// With a busy thread beside it on its CPU, what a thread is kept waiting by is the quota all the same.
        @Test func aQuotaIsTheReasonAlsoOnABusyCPU() throws {
            let group = try #require(try QuotaGroup(cpus: 0.2))
            let burner = try TestProgram("burner").path
            let script = """
                taskset -c 1 \(burner) 1 2200 >/dev/null &
                sh -c 'echo $$ > \(group.directory)/cgroup.procs && exec taskset -c 1 \(burner) 1 2000'
                wait
                """
            let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
            seen.expectTimeIsConserved()
            let throttled = try group.throttledTime()
            let held = seen.occupants(ofTID: try seen.truth("burner").tid)
            // The group's other thread waits for the burner to end, and then perhaps for the quota too.
            let time = seen.occupants.filter { $0.occupant.occupant.kind == .quota }
                .reduce(0) { $0 + $1.occupant.total }
            #expect(throttled > 500_000_000)
            let share = KernelAccess.share(0.02)
            #expect(isClose(time, throttled, within: share, slack: 20_000_000), "\(time) of \(throttled) ns")
            #expect(held.contains { $0.occupant.kind == .thread && $0.occupant.comm == "burner" })
        }

        /// A thread that is woken while its cgroup's quota is used up waits for the quota, whoever runs meanwhile.
        @Test(.needsRealTime) func whoIsWokenMeanwhileWaitsForTheQuota() throws {
            let group = try #require(try QuotaGroup(cpus: 0.2))
            let burner = try TestProgram("burner").path
            let sleeper = try TestProgram("sleeper").path
            let script = """
                taskset -c 1 \(burner) 1 3000 >/dev/null &
                echo $$ > \(group.directory)/cgroup.procs
                taskset -c 1 \(burner) 1 2600 >/dev/null & taskset -c 1 \(sleeper) 40 5
                wait
                """
            let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
            seen.expectTimeIsConserved()
            let held = seen.occupants(ofTID: try seen.truth("sleeper").tid)
            let total = held.reduce(0) { $0 + $1.total }
            let byQuota = held.filter { $0.occupant.kind == .quota }.reduce(0) { $0 + $1.total }
            #expect(total > 200_000_000, "\(total)")
            // The rest was in the run queue already when the quota ran out.
            #expect(
                byQuota > total * 3 / 10,
                "\(byQuota) of \(total) ns: \(held.map { "\($0.occupant.kind) \($0.occupant.comm) \($0.total)" })"
            )
        }
    }
}
