import Testing

@testable import ProcFS

@Suite struct ParsingTests {
    private func parse(_ line: String) -> ProcessStat? {
        ProcessStat(parsing: Array(line.utf8), tickLength: 10_000_000)
    }

    @Test func readsAStatLine() throws {
        let stat = try #require(parse(FakeTree.statLine(5922, parent: 5917, comm: "cat", threads: 3)))
        #expect(stat.pid == 5922)
        #expect(stat.parentPID == 5917)
        #expect(stat.comm == "cat")
        #expect(stat.state == "S")
        #expect(stat.threadCount == 3)
        #expect(stat.started == 1_111_080_000_000)
        #expect(!stat.isKernelThread)
        #expect(!stat.isDead)
    }

    @Test(arguments: ["a) S 1 (b", "Web Content", "((", "x\ny", "", "kworker/0:1-ev"])
    func commMayHoldAnything(comm: String) {
        #expect(parse(FakeTree.statLine(7, comm: comm))?.comm == comm)
        #expect(parse(FakeTree.statLine(7, comm: comm))?.parentPID == 1)
    }

    @Test func seesKernelThreadsAndTheDead() {
        #expect(parse(FakeTree.statLine(2, comm: "kthreadd", flags: 0x0020_8040))?.isKernelThread == true)
        #expect(parse(FakeTree.statLine(9, comm: "x", state: "Z"))?.isDead == true)
        // The first thread has ended, others go on.
        #expect(parse(FakeTree.statLine(9, comm: "x", state: "Z", threads: 2))?.isDead == false)
    }

    @Test(arguments: ["", "12", "12 (x", "12 (x) S", "x (y) S 1 2 3", "12 (x) S 1 2 3 4 5 6"])
    func refusesWhatIsNoStatLine(line: String) {
        #expect(parse(line) == nil)
    }

    @Test func readsStatusOfANamespacedThread() throws {
        let text = """
            Name:\tworker
            Tgid:\t4011
            Pid:\t4012
            PPid:\t3990
            TracerPid:\t77
            Uid:\t101\t102\t102\t102
            NStgid:\t4011\t20\t1
            NSpid:\t4012\t21\t2
            CapEff:\t000001ffffffffff
            """
        let status = try #require(ProcessStatus(parsing: Array(text.utf8)))
        #expect(status.processID == 4011)
        #expect(status.parentPID == 3990)
        #expect(status.tracerPID == 77)
        #expect(status.uid == 101)
        #expect(status.namespacePIDs == [4011, 20, 1])
        #expect(status.namespaceTIDs == [4012, 21, 2])
        #expect(status.effectiveCapabilities == 0x1ff_ffff_ffff)
        #expect(ProcessStatus(parsing: Array("Name:\tx\n".utf8)) == nil)
    }

    @Test func readsSchedStat() {
        let expected = SchedStat(onCPU: 0, runDelay: 61788, slices: 1)
        #expect(SchedStat(parsing: Array("0 61788 1\n".utf8)) == expected)
        #expect(SchedStat(parsing: Array("1 2\n".utf8)) == nil)
        #expect(SchedStat(parsing: []) == nil)
    }

    @Test(arguments: [
        ("redis-server\0*:6379\0", ["redis-server", "*:6379"]),
        ("sh\0-c\0echo 'a b'\0", ["sh", "-c", "echo 'a b'"]),
        ("printf\0\0x\0", ["printf", "", "x"]),
        ("grep\0x\0\0", ["grep", "x", ""]),
        ("nginx: worker process\0\0\0\0\0", ["nginx: worker process"]),
        ("postgres: checkpointer     ", ["postgres: checkpointer"]),
        ("sleep", ["sleep"]),
        ("", []), ("\0", []), ("\0\0\0", []),
    ])
    func splitsArguments(content: String, arguments: [String]) {
        #expect(ProcessArguments.parse(Array(content.utf8)) == arguments)
    }

    @Test(arguments: [
        (["redis-server", "*:6379"], "redis-server '*:6379'"),
        (["sh", "-c", "echo 'a b'"], #"sh -c 'echo '\''a b'\'''"#),
        (["printf", "", "x"], "printf '' x"),
        (["java", "-Dx=1,2", "-jar", "/opt/a-b_c.jar"], "java -Dx=1,2 -jar /opt/a-b_c.jar"),
        (["echo", "a\nb'c"], #"echo $'a\nb\'c'"#),
        (["echo", "Grüße"], "echo Grüße"),
        (["nginx: worker process"], "nginx: worker process"),
        (["evil\u{1b}[2J"], #"evil\x1b[2J"#),
        ([], ""),
    ])
    func quotesArguments(arguments: [String], line: String) {
        #expect(ProcessArguments.line(arguments) == line)
    }

    @Test(arguments: [("0-1", 2), ("0", 1), ("0-3,5,8-9", 7), ("", nil), ("x", nil), ("3-1", nil)])
    func countsCPUs(list: String, count: Int?) {
        #expect(HostIdentity.cpuCount(inList: list) == count)
    }
}
