import Foundation
import Model
import Testing

/// Waits for pipes, named and unnamed, by every call that can wait for one, and for eventfds.
@Suite(.needsKernel, .serialized) struct PipeTests {
    @Test(
        arguments: [
            ("read", WaitDirection.read), ("write", .write), ("splice", .read), ("sendfile", .write),
        ]) func unnamed(how: String, direction: WaitDirection) throws
    {
        let seen = try Observation.of("pipe_waits", ["10", "10", how])
        let pipes = try seen.expect(
            ExpectedWait(kind: .pipe, resource: .pipe, direction: direction, name: "pipe:["))
        #expect(pipes.count == 1)
    }

    @Test func aFIFOHasItsPath() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fifo-\(UUID().uuidString)").path
        let seen = try Observation.of("pipe_waits", ["10", "10", "fifo", path])
        try seen.expect(ExpectedWait(kind: .pipe, resource: .pipe, direction: .read, name: path))
    }

    /// There is no descriptor yet: the name that is opened is all there is.
    @Test func openingAFIFO() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fifo-\(UUID().uuidString)").path
        let seen = try Observation.of("pipe_waits", ["10", "10", "open", path])
        let truth = try seen.truth("waiter")
        let waker = seen.resourceTruths("waiter").first?.waker_tid
        let all = seen.namedWaits.filter { $0.thread.tid == truth.tid }
        let waits = all.filter { $0.resource?.name == path && $0.wait.waker.tid == waker }
        let sum = waits.reduce(0) { $0 + $1.wait.total }
        #expect(
            seen.isAll(sum, of: truth, within: 0.03),
            "\(Observation.list(all))")
    }

    /// Both ends of a pipe are one resource, whoever waits for it.
    @Test func bothProcessesMeetInOnePipe() throws {
        let seen = try Observation.of("pipe_pair", ["20", "5"])
        let pipes = seen.resources.values.filter { $0.kind == .pipe }
        #expect(pipes.count == 2, "\(pipes)")
        let reader = try seen.truth("reader"), writer = try seen.truth("writer")
        let waits = seen.namedWaits.filter { $0.wait.subject.kind == .pipe }
        for named in waits {
            let other = named.thread.tid == reader.tid ? writer.tid : reader.tid
            #expect(named.wait.waker.tid == other, "\(named)")
        }
    }

    @Test(arguments: [("read", WaitDirection.read), ("write", .write)])
    func eventfd(how: String, direction: WaitDirection) throws {
        let seen = try Observation.of("eventfd_pair", ["10", "10", how])
        let resources = try seen.expect(
            ExpectedWait(kind: .event, resource: .anonymous, direction: direction, name: "eventfd"))
        #expect(resources.count == 1)
    }
}
