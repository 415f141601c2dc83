import Testing

@testable import ProcFS

@Suite struct ProcTreeTests {
    @Test func readsAProcess() throws {
        let tree = try FakeTree()
        let id = String(repeating: "4", count: 64)
        try tree.addProcess(
            40, parent: 3, comm: "redis-server", arguments: ["redis-server", "*:6379"],
            cgroup: "0::/system.slice/docker-\(id).scope\n", namespacePIDs: "40\t1")
        try tree.link("40/exe", to: "/usr/bin/redis-server (deleted)")
        let details = try #require(ProcTree(root: tree.root).details(of: 40))
        #expect(details.comm == "redis-server")
        #expect(details.parentPID == 3)
        #expect(details.namespacePID == 1)
        #expect(details.commandLine == "redis-server '*:6379'")
        #expect(details.executable == "/usr/bin/redis-server")
        #expect(details.isExecutableDeleted)
        #expect(details.container == ContainerIdentity(cgroupPath: details.cgroup))
        #expect(details.container?.id == id)
        #expect(details.uid == 1000)
        #expect(details.started == 111_108 * ProcessStat.tickLength)
    }

    @Test func whatIsMissingIsEmptyAndWhoIsGoneIsNil() throws {
        let tree = try FakeTree()
        try tree.write("41/stat", FakeTree.statLine(41, comm: "x"))
        try tree.makeDirectory("42")
        let proc = ProcTree(root: tree.root)
        let details = try #require(proc.details(of: 41))
        #expect(details.commandLine.isEmpty)
        #expect(details.executable.isEmpty)
        #expect(details.cgroup.isEmpty)
        #expect(details.namespacePID == 41)
        #expect(proc.details(of: 42) == nil)
        #expect(proc.details(of: 43) == nil)
        #expect(proc.tids(of: 43).isEmpty)
        #expect(proc.pids() == [41, 42])
    }

    @Test func longCommandLinesAreCut() throws {
        let tree = try FakeTree()
        try tree.addProcess(5, comm: "x", arguments: ["x"] + Array(repeating: "argument", count: 10_000))
        let line = ProcTree(root: tree.root).commandLine(of: 5)
        #expect(line.hasPrefix("x argument argument"))
        #expect(line.hasSuffix(" ..."))
        #expect(line.utf8.count < 34_000)
    }

    @Test func followsDescendants() throws {
        let tree = try FakeTree()
        for (pid, parent) in [(1, 0), (10, 1), (11, 10), (12, 10), (13, 12), (20, 1)] {
            try tree.addProcess(pid, parent: parent, comm: "p\(pid)")
        }
        let snapshot = ProcTree(root: tree.root).snapshot()
        #expect(snapshot.children(of: 10) == [11, 12])
        #expect(snapshot.descendants(of: 10) == [11, 12, 13])
        #expect(snapshot.descendants(of: 10, excluding: [12]) == [11])
        #expect(snapshot.descendants(of: 13).isEmpty)
    }

    @Test func aRingOfParentsEnds() {
        let lines = [FakeTree.statLine(5, parent: 6, comm: "a"), FakeTree.statLine(6, parent: 5, comm: "b")]
        let snapshot = ProcessSnapshot(lines.compactMap { ProcessStat(parsing: Array($0.utf8)) })
        #expect(snapshot.descendants(of: 5) == [6])
    }

    @Test func leavesOutTheSudoThatStartedUs() throws {
        let tree = try FakeTree()
        try tree.addProcess(1, parent: 0, comm: "init")
        try tree.addProcess(10, parent: 1, comm: "bash")
        try tree.addProcess(11, parent: 10, comm: "sudo")
        try tree.addProcess(12, parent: 11, comm: "sudo")
        try tree.addProcess(13, parent: 12, comm: "stallscope")
        let proc = ProcTree(root: tree.root)
        #expect(proc.collectorPIDs(own: 13) == [11, 12, 13])
        #expect(proc.collectorPIDs(own: 10) == [10])
    }

    @Test func readsHostIdentity() throws {
        let tree = try FakeTree()
        try tree.write("sys/kernel/hostname", "db7\n")
        try tree.write("sys/kernel/osrelease", "6.1.0-28-amd64\n")
        try tree.write("sys/kernel/random/boot_id", "8c7e\n")
        try tree.write("devices/system/cpu/online", "0-3\n")
        #expect(
            HostIdentity.read(proc: ProcTree(root: tree.root), sys: tree.root)
                == HostIdentity(name: "db7", kernelRelease: "6.1.0-28-amd64", bootID: "8c7e", onlineCPUs: 4))
    }
}
