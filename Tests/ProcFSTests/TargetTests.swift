import Testing

@testable import ProcFS

@Suite struct TargetTests {
    /// init, a kernel thread, a shell with redis and its child, a collector below sudo, a zombie.
    private func makeTree() throws -> FakeTree {
        let tree = try FakeTree()
        try tree.addProcess(1, parent: 0, comm: "init", arguments: ["/sbin/init"])
        try tree.addProcess(2, parent: 0, comm: "kworker/0:1", isKernelThread: true)
        try tree.addProcess(100, comm: "bash", arguments: ["-bash"])
        try tree.addProcess(101, parent: 100, comm: "redis-server", arguments: ["redis", "--port", "1"])
        try tree.addProcess(102, parent: 101, comm: "redis-rdb", arguments: ["redis-rdb-bgsave"])
        try tree.addProcess(110, parent: 100, comm: "sudo", arguments: ["sudo", "stallscope"])
        try tree.addProcess(111, parent: 110, comm: "stallscope", arguments: ["x", "--comm", "redis"])
        try tree.addProcess(112, parent: 111, comm: "helper")
        try tree.addProcess(120, comm: "gone", state: "Z")
        // A thread: /proc answers to its id, though it does not list it.
        try tree.write("101/task/105/stat", FakeTree.statLine(105, comm: "bio"))
        return tree
    }

    private func resolve(_ selector: TargetSelector, in tree: FakeTree) throws -> TargetSelection {
        let resolver = try TargetResolver(
            selector, proc: ProcTree(root: tree.root), cgroups: CgroupFinder(hierarchies: []))
        return try resolver.resolve(excluding: [110, 111])
    }

    private func failure(_ selector: TargetSelector) throws -> TargetError? {
        let tree = try makeTree()
        return #expect(throws: TargetError.self) { try resolve(selector, in: tree) }
    }

    @Test func aProcessComesWithItsDescendants() throws {
        let selection = try resolve(TargetSelector(pids: [100]), in: makeTree())
        #expect(
            selection.targets == [
                .init(pid: 100, reason: "asked for by --pid 100", isRoot: true),
                .init(pid: 101, reason: "child of 100 (bash)", isRoot: false),
                .init(pid: 102, reason: "child of 101 (redis-server)", isRoot: false),
            ])
        #expect(selection.notes.isEmpty)
    }

    @Test func patternsMatchAnywhereAndNeverTheCollector() throws {
        let tree = try makeTree()
        let comms = try resolve(TargetSelector(commPatterns: ["redis"]), in: tree)
        #expect(comms.targets.map(\.pid) == [101, 102])
        #expect(comms.targets.map(\.reason) == Array(repeating: "comm matches 'redis'", count: 2))
        let lines = try resolve(TargetSelector(commandLinePatterns: ["--(port|comm)"]), in: tree)
        #expect(lines.targets.map(\.pid) == [101, 102])
        #expect(lines.targets.first?.reason == "command line matches '--(port|comm)'")
        #expect(try resolve(TargetSelector(commPatterns: ["^init$"]), in: tree).targets.first?.pid == 1)
    }

    @Test func allLeavesOutKernelThreadsTheDeadAndTheCollector() throws {
        let selection = try resolve(TargetSelector(all: true), in: makeTree())
        #expect(selection.targets.map(\.pid) == [1, 100, 101, 102, 112])
        #expect(selection.targets.allSatisfy { $0.reason == "asked for by --all" })
        #expect(selection.examined == 5)
    }

    @Test func selectionsAddUpWithoutDoubles() throws {
        let selector = TargetSelector(pids: [101, 101], commPatterns: ["redis", "bash"])
        let selection = try resolve(selector, in: makeTree())
        #expect(selection.targets.map(\.pid) == [101, 102, 100])
        #expect(selection.targets.first?.reason == "asked for by --pid 101")
    }

    @Test func aThreadStandsForItsProcess() throws {
        let tree = try makeTree()
        try tree.write("105/status", "Name:\tbio\nTgid:\t101\nPPid:\t100\n")
        let selection = try resolve(TargetSelector(pids: [105]), in: tree)
        #expect(selection.targets.first?.pid == 101)
        #expect(selection.notes.first?.hasPrefix("105 is a thread of process 101 (redis-server)") == true)
    }

    @Test func findsProcessesOfACgroup() throws {
        let tree = try makeTree()
        try tree.write("cg/memory/web/cgroup.procs", "101\n2\n111\n9999\n")
        try tree.write("cg/unified/web/cgroup.procs", "")
        try tree.makeDirectory("cg/unified/empty")
        let finder = CgroupFinder(hierarchies: [
            CgroupHierarchy(controllers: [], mountPoint: tree.root + "/cg/unified"),
            CgroupHierarchy(controllers: ["memory"], mountPoint: tree.root + "/cg/memory"),
        ])
        func resolve(_ path: String) throws -> TargetSelection {
            try TargetResolver(
                TargetSelector(cgroups: [path]), proc: ProcTree(root: tree.root), cgroups: finder
            ).resolve(excluding: [111])
        }
        let selection = try resolve("/web")
        #expect(selection.targets.map(\.pid) == [101, 102])
        #expect(selection.targets.first?.reason == "in cgroup /web (memory)")
        #expect(throws: TargetError.emptyCgroup(path: "empty", hierarchies: ["unified (v2)"])) {
            try resolve("empty")
        }
        #expect(throws: TargetError.noSuchCgroup(path: "/no", hierarchies: ["unified (v2)", "memory"])) {
            try resolve("/no")
        }
    }

    @Test func errorsSayWhatIsWrong() throws {
        #expect(try failure(TargetSelector()) == .nothingAsked)
        #expect(try failure(TargetSelector(pids: [4])) == .noSuchProcess(pid: 4))
        #expect(try failure(TargetSelector(pids: [0])) == .noSuchProcess(pid: 0))
        #expect(try failure(TargetSelector(pids: [2])) == .kernelThread(pid: 2, comm: "kworker/0:1"))
        #expect(try failure(TargetSelector(pids: [120])) == .exited(pid: 120, comm: "gone"))
        #expect(try failure(TargetSelector(pids: [111])) == .isCollector(pid: 111, comm: "stallscope"))
        let nothing = try failure(TargetSelector(commPatterns: ["kwork"]))
        #expect(nothing == .noMatch(option: "--comm", pattern: "kwork", examined: 5, kernelThreads: 1))
        #expect(
            nothing?.description.hasPrefix(
                "--comm 'kwork' matches none of the 5 processes that run now; it matches one kernel thread")
                == true)
    }

    @Test(arguments: [
        ("(abc", ", at its end"), ("a)b", ", at character 2 (')b')"), ("*a", ", at character 1 ('*a')"),
    ])
    func badPatternsAreShownWhereTheyAreBad(pattern: String, place: String) throws {
        let error = try failure(TargetSelector(commandLinePatterns: [pattern]))
        #expect(error?.description.contains("'\(pattern)' of --cmdline is not valid") == true)
        #expect(error?.description.contains(place) == true, "\(error?.description ?? "")")
    }

    @Test func anEmptyTreeIsNotAnEmptyMatch() throws {
        let tree = try FakeTree()
        let resolver = try TargetResolver(
            TargetSelector(all: true), proc: ProcTree(root: tree.root), cgroups: CgroupFinder(hierarchies: [])
        )
        #expect(throws: TargetError.noProcesses(root: tree.root)) { try resolver.resolve() }
    }

    @Test func newProcessesCanBeCheckedOneByOne() throws {
        let resolver = try TargetResolver(
            TargetSelector(commPatterns: ["^redis"], commandLinePatterns: ["--port 1"]))
        #expect(resolver.reason(comm: "redis-cli", commandLine: "") == "comm matches '^redis'")
        #expect(resolver.reason(comm: "sh", commandLine: "x --port 1") == "command line matches '--port 1'")
        #expect(resolver.reason(comm: "sh", commandLine: "x") == nil)
    }
}
