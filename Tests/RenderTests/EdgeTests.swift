import Model
import Testing

@testable import Recording
@testable import Render

@Suite struct EdgeTests {
    /// A thread that waits in epoll for two connections of the same client, and in a futex.
    private static func data(comm: String = "server") -> ReportData {
        let resources = (1...2).map { id -> ResourceRow in
            ResourceRow(
                id: Int64(id), kind: "inet", name: "tcp 10.0.0.2:80 <- 10.0.0.7:\(4000 + id)", identity: "",
                pid: 100, localAddress: "10.0.0.2:80", remoteAddress: "10.0.0.7:\(4000 + id)",
                direction: "inbound")
        }
        var data = ReportTests.data(threads: 2, comm: comm)
        data.resources = Dictionary(uniqueKeysWithValues: resources.map { ($0.id, $0) })
        let template = data.waits[0]
        data.waits = resources.map { resource in
            var wait = template
            (wait.kind, wait.resource, wait.resourceID) = ("epoll", "epoll", 9)
            (wait.member, wait.memberID) = (resource.name, resource.id)
            (wait.wakerKind, wait.wakerPID, wait.wakerTID, wait.wakerComm) = ("thread", 200, 201, "client")
            (wait.count, wait.total) = (3, 600)
            return wait
        }
        return data
    }

    @Test func connectionsThatDifferInAPortAreOneRow() {
        let groups = WaitGroup.of(Self.data().waits, Self.data().resources)
        #expect(groups.count == 1 && groups[0].wait.total == 1200 && groups[0].wait.count == 6)
        #expect(groups[0].subject == "epoll: tcp 10.0.0.2:80 <- 10.0.0.7 (2)")
    }

    @Test func anEdgeLeadsToTheProcessThatEndedTheWaits() throws {
        let edges = Edge.of(Self.data())
        let edge = try #require(edges.first)
        #expect(edges.count == 1 && edge.waker == "client/200" && edge.waiter == "server/100")
        #expect(edge.total == 1200)
        #expect(EdgeGraph.text(Self.data()).contains("client/200"))
    }

    @Test func graphvizCannotBeTalkedOutOfItsQuotes() {
        let hostile = "a\"];evil[\\\u{1b}[31m"
        let dot = EdgeGraph.dot(Self.data(comm: hostile))
        #expect(dot.hasPrefix("digraph waits {") && dot.hasSuffix("}\n"))
        #expect(!dot.contains("\u{1b}") && !dot.contains("a\"]"))
        #expect(EdgeGraph.quoted("a\"b\\\nc") == "\"a\\\"b\\\\\\nc\"")
    }
}
