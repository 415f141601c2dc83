import Foundation
import Model
import Testing

/// A futex in memory that several processes map is one resource, wherever each of them has mapped it.
@Suite(.needsKernel, .serialized) struct SharedFutexTests {
    @Test func twoProcesses() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "futex-\(UUID().uuidString)").path
        let runs = try Observation.ofEach([
            ["shared_futex", "10", "2", "memory"], ["shared_futex", "10", "2", "anonymous"],
            ["shared_futex", "10", "2", path], ["shared_turns", "10", "2", "memory"],
            ["shared_turns", "10", "2", "anonymous"],
        ])
        for seen in runs[3...] { try expectTurns(seen) }
        for seen in runs[..<3] {
            let futexes = try seen.expect(ExpectedWait(kind: .futex, resource: .sharedFutex))
            #expect(futexes.count == 1)
            let resource = try #require(futexes.first.flatMap { seen.resources[$0] })
            if seen.name.hasSuffix(path) { #expect(resource.path == path) }
            // The holder waits for the other word of the same page.
            let holder = try seen.truth("holder"), waiter = try seen.truth("waiter")
            let ready = seen.namedWaits.filter {
                $0.thread.tid == holder.tid && $0.wait.subject.kind == .futex && !$0.isUnseen
            }
            #expect(
                ready.allSatisfy {
                    $0.wait.waker.tid == waiter.tid && $0.resource?.inode == resource.inode
                        && !futexes.contains($0.wait.subject.resource)
                }, "\(Observation.list(ready))")
        }
    }

    /// Memory without a file has a name of its own, which is found while the program is there.
    @Test(arguments: [
        ("memory", "futex memfd:shared_futex:["), ("anonymous", "futex shared memory:["),
    ])
    func memoryHasAName(place: String, name: String) throws {
        func names(_ seen: Observation) -> [String] {
            seen.resources.values.filter { $0.kind == .sharedFutex }.map(\.name)
        }
        func areNamed(_ seen: Observation) -> Bool {
            !names(seen).isEmpty && names(seen).allSatisfy { $0.hasPrefix(name) }
        }
        let seen = try Observation.of("shared_futex", ["2", "2", place], lingeringUntil: areNamed)
        seen.expectTimeIsConserved()
        #expect(areNamed(seen), "\(names(seen))")
    }

    /// Both wait for the same word in turn: the parent's address of it is not the child's.
    private func expectTurns(_ seen: Observation) throws {
        let waiters = try [seen.truth("first").tid, seen.truth("second").tid]
        let waits = seen.namedWaits.filter {
            $0.resource?.kind == .sharedFutex && waiters.contains($0.thread.tid)
        }
        #expect(Set(waits.map(\.thread.tid)).count == 2, "\(Observation.list(waits))")
        #expect(Set(waits.map(\.wait.subject.resource)).count == 1, "\(Observation.list(waits))")
        #expect(waits.reduce(0) { $0 + $1.wait.count } >= 19, "\(Observation.list(waits))")
    }
}
