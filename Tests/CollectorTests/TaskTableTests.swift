import Model
import ProbeRecords
import Testing

@testable import Collector
@testable import Probes

/// Who is under watch, and what they are called at which time.
@Suite struct TaskTableTests {
    private let processes = FakeProcesses()
    private let table: TaskTable

    init() {
        processes.facts[100] = ProcessFacts(
            commandLine: "/bin/app -f", executable: "/bin/app", cgroup: "/a.slice", container: "c0ffee")
        table = TaskTable(source: processes)
    }

    private func handle(_ event: KernelEvent, _ table: inout TaskTable) {
        switch event {
        case .birth(let birth): table.handle(birth)
        case .resource, .stack, .start: break
        case .exec(let exec): table.handle(exec)
        case .rename(let thread, let comm, let time): table.rename(thread, to: comm, at: time)
        case .moved(let thread, let pid, let time, let cgroup, let isUnified):
            table.moved(thread, pid: pid, to: cgroup, isUnified: isUnified, at: time)
        case .sample(let record): table.end(record, exitCode: record.exitCode ?? 0)
        }
    }

    private func end(_ thread: UInt32, pid: UInt32 = 100, tid: UInt32, code: Int32, _ table: inout TaskTable)
    {
        table.end(FakeKernel.sample(thread, pid: pid, tid: tid, exitCode: code), exitCode: code)
    }

    @Test func threadsOfAProcessShareItsFacts() {
        var table = table
        table.wallOffset = 5_000
        table.reasons[100] = "--pid 100"
        handle(FakeKernel.birth(1, pid: 100, tid: 100, at: 10), &table)
        handle(FakeKernel.birth(2, pid: 100, tid: 101, at: 20, comm: "worker"), &table)
        #expect(table.newProcesses.count == 1)
        let process = table.newProcesses[0]
        #expect(process.commandLine == "/bin/app -f" && process.container == "c0ffee")
        #expect(process.since == 5_010)
        #expect(table.newThreads.map(\.process) == [process.id, process.id])
        #expect(table.newThreads.map(\.tid) == [100, 101])
        #expect(table.targetEvents.map(\.reason) == ["--pid 100"])
        #expect(table.liveProcessCount == 1)
    }

    @Test func aBirthIsTakenOnce() {
        var table = table
        handle(FakeKernel.birth(1, pid: 100, tid: 100), &table)
        handle(FakeKernel.birth(1, pid: 100, tid: 100), &table)
        #expect(table.newThreads.count == 1 && table.seenThreads == 1)
    }

    /// A child is its parent's copy until it calls exec, and /proc need not be asked.
    @Test func aForkedChildBeginsAsItsParent() {
        var table = table
        handle(FakeKernel.birth(1, pid: 100, tid: 100), &table)
        handle(
            FakeKernel.birth(2, pid: 200, tid: 200, parent: 100, reason: STALL_BIRTH_FORKED), &table)
        #expect(table.newProcesses[1].executable == "/bin/app")
        #expect(table.newProcesses[1].cgroup == "/a.slice")
        #expect(table.targetEvents.last?.reason == "forked by 100 (app)")
    }

    @Test func aProcessEndsWithItsLastThreadAndAsItsLeaderDid() {
        var table = table
        handle(FakeKernel.birth(1, pid: 100, tid: 100), &table)
        handle(FakeKernel.birth(2, pid: 100, tid: 101), &table)
        end(1, tid: 100, code: 3 << 8, &table)
        #expect(table.liveProcessCount == 1)
        #expect(table.ends.last?.process == nil)
        end(2, tid: 101, code: 0, &table)
        #expect(table.liveProcessCount == 0)
        #expect(table.ends.last?.process == table.newProcesses.last?.id)
        #expect(table.ends.last?.exitCode == 3 << 8)
        #expect(table.targetEvents.last?.reason == "exited with status 3")
        #expect(table.targetEvents.last?.event == .removed)
    }

    /// All other threads end, and the one that called execve takes over the leader's id, in either order.
    @Test(arguments: [true, false]) func execByAThreadThatIsNotTheLeader(leaderEndsFirst: Bool) throws {
        var table = table
        handle(FakeKernel.birth(1, pid: 100, tid: 100, comm: "app"), &table)
        handle(FakeKernel.birth(2, pid: 100, tid: 101, comm: "worker"), &table)
        let exec = FakeKernel.exec(
            2, pid: 100, at: 50, comm: "next", path: "/bin/next", arguments: ["next", "with space"])
        if leaderEndsFirst {
            end(1, tid: 100, code: 9, &table)
            handle(exec, &table)
        } else {
            // The kernel exchanges the ids of the two before the leader has left its CPU for good.
            handle(exec, &table)
            end(1, tid: 101, code: 9, &table)
        }
        #expect(table.liveProcessCount == 1)
        let process = try #require(table.newProcesses.last)
        #expect(process.comm == "next" && process.process == table.newProcesses[0].process)
        #expect(process.commandLine == "next 'with space'")
        #expect(process.id != table.newProcesses[0].id)
        let thread = try #require(table.threads[2]?.version)
        #expect(thread.tid == 100 && thread.comm == "next" && thread.process == process.id)
        end(2, tid: 100, code: 0, &table)
        #expect(table.targetEvents.last?.reason == "exited with status 0")
        #expect(table.threads.isEmpty && table.processes.isEmpty)
    }

    @Test func argumentsThatTheKernelSideCutAreReadFromProc() {
        var table = table
        handle(FakeKernel.birth(1, pid: 100, tid: 100), &table)
        let whole = ["next", String(repeating: "x", count: 4000)]
        processes.facts[100]?.commandLine = "next, in full"
        handle(
            FakeKernel.exec(1, pid: 100, at: 50, comm: "next", path: "/bin/next", arguments: whole), &table)
        #expect(table.newProcesses.last?.commandLine == "next, in full")
        // Gone before it could be asked: what was kept is better than nothing.
        processes.facts[100] = nil
        handle(
            FakeKernel.exec(1, pid: 100, at: 60, comm: "last", path: "/bin/last", arguments: whole), &table)
        let kept = "next " + String(repeating: "x", count: Int(STALL_ARGS_LEN) - 6)
        #expect(table.newProcesses.last?.commandLine == kept)
        #expect(table.newProcesses.last?.executable == "/bin/last")
    }

    @Test func aPidThatIsUsedAgainIsAnotherProcess() throws {
        var table = table
        handle(FakeKernel.birth(1, pid: 100, tid: 100, at: 10), &table)
        end(1, tid: 100, code: 0, &table)
        processes.facts[100] = ProcessFacts(commandLine: "other", executable: "/bin/other")
        handle(FakeKernel.birth(2, pid: 100, tid: 100, at: 90, comm: "other"), &table)
        #expect(Set(table.newProcesses.map(\.process)).count == 2)
        #expect(Set(table.newThreads.map(\.thread)).count == 2)
        #expect(table.newProcesses.last?.commandLine == "other")
        #expect(table.liveProcessCount == 1 && table.seenProcesses == 2)
        // A late event of the old thread changes nothing.
        handle(FakeKernel.rename(1, to: "ghost", at: 95), &table)
        end(1, tid: 100, code: 9, &table)
        #expect(table.liveProcessCount == 1 && table.ends.count == 1)
    }

    @Test func aRenameMakesNewVersions() throws {
        var table = table
        handle(FakeKernel.birth(1, pid: 100, tid: 100), &table)
        handle(FakeKernel.birth(2, pid: 100, tid: 101, comm: "worker"), &table)
        handle(FakeKernel.rename(2, to: "io", at: 30), &table)
        #expect(table.newProcesses.count == 1, "only the leader's name is the process's")
        #expect(table.newThreads.last?.comm == "io" && table.newThreads.last?.since == 30)
        #expect(table.newThreads.last?.thread == table.newThreads[1].thread)
        handle(FakeKernel.rename(1, to: "server", at: 40), &table)
        let process = try #require(table.newProcesses.last)
        #expect(process.comm == "server" && process.since == 40)
        #expect(table.threads.values.allSatisfy { $0.version.process == process.id })
        #expect(table.threads[2]?.version.comm == "io")
        let count = table.newThreads.count
        handle(FakeKernel.rename(1, to: "server", at: 50), &table)
        #expect(table.newThreads.count == count, "the name that it has is no new one")
        let ids = table.newThreads.map(\.id) + table.newProcesses.map(\.id)
        #expect(Set(ids).count == ids.count)
    }

    @Test func aMoveToAnotherCgroupMakesANewVersion() {
        var table = table
        handle(FakeKernel.birth(1, pid: 100, tid: 100), &table)
        handle(FakeKernel.moved(1, pid: 100, at: 20), &table)
        #expect(table.newProcesses.count == 1, "it is where it was")
        processes.facts[100]?.cgroup = "/b.slice"
        handle(FakeKernel.moved(1, pid: 100, at: 30), &table)
        #expect(table.newProcesses.map(\.cgroup) == ["/a.slice", "/b.slice"])
        processes.facts[100] = nil
        handle(FakeKernel.moved(1, pid: 100, at: 40), &table)
        #expect(table.newProcesses.count == 2, "nobody knows where")
        handle(FakeKernel.moved(1, pid: 100, at: 50, to: "/c.slice"), &table)
        #expect(
            table.newProcesses.last?.cgroup == "/c.slice", "the process is gone, and the kernel said where to"
        )
        handle(FakeKernel.moved(1, pid: 100, at: 60, to: "/", hierarchy: 4), &table)
        #expect(table.newProcesses.count == 3, "in a hierarchy that says nothing of it")
    }

    @Test func threadsThatVanishedUnseenAreEnded() {
        var table = table
        handle(FakeKernel.birth(1, pid: 100, tid: 100), &table)
        handle(FakeKernel.birth(2, pid: 100, tid: 101), &table)
        processes.alive = [101]
        table.endVanished(at: 70)
        #expect(table.threads.keys.sorted() == [2] && table.liveProcessCount == 1)
        processes.alive = []
        table.endVanished(at: 80)
        #expect(table.threads.isEmpty && table.liveProcessCount == 0)
        #expect(table.ends.count == 2)
        #expect(table.targetEvents.last?.reason == "ended; how was lost")
    }

    @Test func whatGoesOnIsClosedWithTheRecording() {
        var table = table
        handle(FakeKernel.birth(1, pid: 300, tid: 300), &table)
        handle(FakeKernel.birth(2, pid: 200, tid: 200), &table)
        table.closeAll(at: 90, why: "the recording ended")
        #expect(table.targetEvents.suffix(2).map(\.pid) == [200, 300])
        #expect(table.targetEvents.suffix(2).allSatisfy { $0.event == .removed && $0.time == 90 })
        #expect(table.ends.isEmpty, "they have not ended")
    }

    @Test(
        arguments: [
            (0, "exited with status 0"), (7 << 8, "exited with status 7"), (9, "killed by SIGKILL"),
            (11 | 0x80, "killed by SIGSEGV, core dumped"), (35, "killed by signal 35"),
        ] as [(Int32, String)])
    func endsAreDescribed(code: Int32, description: String) {
        #expect(describeExit(code) == description)
    }
}
