import Foundation
import Model
import Testing

/// Waits for pipes, named and unnamed, by every call that can wait for one, and for eventfds.
@Suite(.needsKernel, .serialized) struct PipeTests {
    @Test func everyCall() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fifo-\(UUID().uuidString)").path
        let calls = [
            ("read", WaitDirection.read), ("write", .write), ("splice", .read), ("sendfile", .write),
        ]
        let seen = try Observation.ofEach(
            calls.map { ["pipe_waits", "10", "2", $0.0] } + [
                ["pipe_waits", "10", "2", "fifo", path], ["pipe_waits", "10", "2", "open", path],
                ["eventfd_pair", "10", "2", "read"], ["eventfd_pair", "10", "2", "write"],
            ])
        for (run, direction) in zip(seen, calls.map(\.1)) {
            let pipes = try run.expect(
                ExpectedWait(kind: .pipe, resource: .pipe, direction: direction, name: "pipe:["))
            #expect(pipes.count == 1, "\(run.name)")
        }
        try seen[4].expect(ExpectedWait(kind: .pipe, resource: .pipe, direction: .read, name: path))
        try expectOpening(seen[5], path)
        for (run, direction) in zip(seen[6...], [WaitDirection.read, .write]) {
            let resources = try run.expect(
                ExpectedWait(kind: .event, resource: .anonymous, direction: direction, name: "eventfd"))
            #expect(resources.count == 1, "\(run.name)")
        }
    }

    /// There is no descriptor yet: the name that is opened is all there is.
    private func expectOpening(_ seen: Observation, _ path: String) throws {
        let truth = try seen.truth("waiter")
        let waker = seen.resourceTruths("waiter").first?.waker_tid
        let all = seen.namedWaits.filter { $0.thread.tid == truth.tid }
        let waits = all.filter {
            $0.resource?.name == path && ($0.wait.waker.tid == waker || $0.isUnseen || $0.wait.count == 0)
        }
        seen.expectBrackets(of: waits, truth, of: all)
    }

    /// Both ends of a pipe are one resource, whoever waits for it.
    @Test func bothProcessesMeetInOnePipe() throws {
        for seen in try Observation.ofEach([["pipe_pair", "20", "1"]]) {
            let pipes = seen.resources.values.filter { $0.kind == .pipe }
            #expect(pipes.count == 2, "\(pipes)")
            let reader = try seen.truth("reader"), writer = try seen.truth("writer")
            let waits = seen.namedWaits.filter { $0.wait.subject.kind == .pipe }
            for (truth, other) in [(reader, writer), (writer, reader)] {
                let own = waits.filter { $0.thread.tid == truth.tid }
                seen.expectBrackets(of: own, truth)
                for named in own where named.wait.count > 0 && !named.isUnseen {
                    #expect(named.wait.waker.tid == other.tid, "\(named)")
                }
            }
        }
    }
}
