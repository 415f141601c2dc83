import Foundation
import Model
import Testing

/// A futex in memory that several processes map is one resource, wherever each of them has mapped it.
@Suite(.needsKernel, .serialized) struct SharedFutexTests {
    @Test(arguments: ["memory", "anonymous", "file"]) func twoProcesses(place: String) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "futex-\(UUID().uuidString)").path
        let memory = place == "file" ? path : place
        let seen = try Observation.of("shared_futex", ["10", "10", memory], lingering: true)
        let futexes = try seen.expect(ExpectedWait(kind: .futex, resource: .sharedFutex))
        #expect(futexes.count == 1)
        let resource = try #require(futexes.first.flatMap { seen.resources[$0] })
        switch place {
        case "file": #expect(resource.path == path)
        case "memory": #expect(resource.name.hasPrefix("futex memfd:shared_futex:["), "\(resource)")
        default: #expect(resource.name.hasPrefix("futex shared memory:["), "\(resource)")
        }
        // The holder waits for the other word of the same page.
        let holder = try seen.truth("holder"), waiter = try seen.truth("waiter")
        let ready = seen.namedWaits.filter { $0.thread.tid == holder.tid && $0.wait.subject.kind == .futex }
        #expect(ready.allSatisfy { $0.wait.waker.tid == waiter.tid && $0.resource?.inode == resource.inode })
        #expect(ready.allSatisfy { !futexes.contains($0.wait.subject.resource) })
    }

    /// Both wait for the same word in turn: the parent's address of it is not the child's.
    @Test func bothWaitersMeet() throws {
        for place in ["memory", "anonymous"] {
            let seen = try Observation.of("shared_turns", ["10", "10", place])
            seen.expectTimeIsConserved()
            let waits = seen.namedWaits.filter { $0.resource?.kind == .sharedFutex }
            #expect(Set(waits.map(\.thread.tid)).count == 2, "\(Observation.list(seen.namedWaits))")
            #expect(Set(waits.map(\.wait.subject.resource)).count == 1, "\(Observation.list(waits))")
        }
    }
}
