import Model
import Testing

@testable import Recording

@Suite struct ResourceTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private static let connection: Resource = {
        var resource = Resource(
            id: 7, kind: .inet, identity: "socket:4711", name: "tcp 10.0.0.2:80 <- 10.0.0.7:4242",
            since: Fixture.start, pid: 100)
        resource.socketType = "tcp"
        resource.inode = 4711
        resource.localAddress = "10.0.0.2:80"
        resource.remoteAddress = "10.0.0.7:4242"
        resource.netNamespace = 9
        resource.direction = .inbound
        return resource
    }()

    private func recording() throws -> Recording {
        var batch = Fixture.firstBatch()
        var set = Resource(
            id: 8, kind: .epoll, identity: "100:0x1", name: "epoll", since: Fixture.start, pid: 100)
        set.members = [7]
        batch.resources = [Self.connection, set]
        batch.devices = [(0xfe0_0001, "vda1")]
        batch.waits = [
            (
                1,
                WaitSample(
                    subject: WaitSubject(kind: .epoll, syscall: 232, resource: 8, device: 0xfe0_0001),
                    waker: Fixture.peer, member: 7, count: 4, total: 500, longest: 300)
            )
        ]
        var sample = Fixture.sample()
        sample.runQueue = 300
        batch.samples = [(1, sample)]
        batch.occupants = [
            (
                1,
                OccupantSample(
                    occupant: Occupant(kind: .thread, pid: 9, tid: 10, comm: "hog", cgroup: "/hogs"),
                    count: 3,
                    total: 200)
            ),
            (1, OccupantSample(occupant: Occupant(kind: .quota, cgroup: "/small"), count: 1, total: 100)),
        ]
        var later = Fixture.batch(2)
        later.occupants = [
            (
                1,
                OccupantSample(
                    occupant: Occupant(kind: .thread, pid: 9, tid: 10, comm: "hog", cgroup: "/hogs"),
                    count: 1,
                    total: 50)
            )
        ]
        return try Fixture.recording(scratch, [batch, later])
    }

    @Test func aWaitNamesResourceMemberAndDevice() throws {
        let recording = try recording()
        for wait in [try recording.waits()[0].wait, try recording.waitTotals()[0]] {
            #expect(wait.resource == "epoll" && wait.resourceID == 8)
            #expect(wait.member == "tcp 10.0.0.2:80 <- 10.0.0.7:4242" && wait.memberID == 7)
            #expect(wait.device == "vda1" && wait.total == 500)
        }
    }

    @Test func aResourceComesBackWhole() throws {
        let recording = try recording()
        let row = try recording.query("SELECT * FROM resources WHERE resource_id = 7")
        let values = Dictionary(uniqueKeysWithValues: zip(row.columns, row.rows[0].map { "\($0)" }))
        #expect(values["kind"]?.contains("inet") == true && values["direction"]?.contains("inbound") == true)
        #expect(values["inode"]?.contains("4711") == true && values["net_namespace"]?.contains("9") == true)
        #expect(try recording.resources()[8]?.kind == "epoll")
    }

    @Test func connectionsOfAClientAreOneGroup() throws {
        let resource = try #require(try recording().resources()[7])
        #expect(resource.group == "tcp 10.0.0.2:80 <- 10.0.0.7")
    }

    @Test func occupantsAreSummedByThread() throws {
        let totals = try recording().occupantTotals()
        #expect(totals.map(\.kind) == ["thread", "quota"])
        #expect(totals[0].occupantComm == "hog" && totals[0].total == 250 && totals[0].count == 4)
        #expect(totals[1].cgroup == "/small" && totals[1].total == 100)
    }
}
