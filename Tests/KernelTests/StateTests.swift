import Glibc
import Model
import Testing

/// Time is conserved, and agrees with the kernel's own account of it.
@Suite(.needsKernel, .serialized) struct StateTests {

    @Test func aWaitLongerThanTheTicksIsSeenInEachOfThem() throws {
        let seen = try Observation.of("sleeper", ["1", "1300"], interval: .milliseconds(200))
        seen.expectTimeIsConserved()
        let tid = seen.truths.first { $0.role == "sleeper" }?.tid
        let sleeper = seen.rows.filter { $0.thread.tid == tid }
        #expect(Set(sleeper.map(\.tick)).count == seen.batches.count)
        let total = seen.total(tid: tid)
        #expect(isClose(total.blocked, 1_300_000_000, within: 0.01), "\(total.blocked)")
    }

    @Test func shortThreadsAreComplete() throws {
        let seen = try Observation.of("short_threads", ["300", "1"])
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let ended = Set(seen.batches.flatMap(\.ends).map(\.thread))
        #expect(ended.count == 301)
        // Each thread ends in its last version.
        let last = Dictionary(grouping: seen.threads.values, by: \.thread).values.compactMap {
            $0.map(\.id).max()
        }
        #expect(Set(last) == ended)
    }

    @Test func aForkStormIsComplete() throws {
        let count = KernelAccess.scaled(2000)
        let seen = try Observation.of("fork_storm", ["\(count)", "300", "4", "1"])
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let truth = try #require(seen.truths.first { $0.event == "children" })
        let children = seen.processes.values.filter { $0.parentPID == seen.pid }
        #expect(Set(children.map(\.process)).count == count)
        let threads = seen.threads.values.filter { seen.processes[$0.process]?.pid != seen.pid }
        #expect(UInt64(Set(threads.map(\.thread)).count) == truth.threads)
        let added = seen.batches.flatMap(\.targets).filter { $0.event == .added }
        let removed = seen.batches.flatMap(\.targets).filter { $0.event == .removed }
        #expect(added.count == count + 1)
        #expect(removed.count == count + 1)
    }
}
