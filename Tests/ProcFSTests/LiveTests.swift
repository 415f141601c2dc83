import Foundation
import Testing

@testable import ProcFS

/// The same readers on the machine that the tests run on.
@Suite struct LiveTests {
    private let proc = ProcTree()
    private let own = UInt32(getpid())

    @Test func readsThisProcess() throws {
        let details = try #require(proc.details(of: own))
        #expect(details.parentPID == UInt32(getppid()))
        #expect(details.uid == UInt32(getuid()))
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        #expect(details.executable == link)
        #expect(!details.commandLine.isEmpty)
        #expect(!details.isKernelThread)
        #expect(proc.pids().contains(own))
        #expect(proc.tids(of: own).contains(own))
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        #expect(details.started < UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec))
        #expect(proc.details(ofThread: own, in: own)?.comm == details.comm)
    }

    @Test func findsAChildOfThisProcess() throws {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sleep")
        child.arguments = ["60"]
        try child.run()
        defer {
            // A test runner may have SIGTERM blocked, and its children with it.
            kill(child.processIdentifier, SIGKILL)
            child.waitUntilExit()
        }
        let pid = UInt32(child.processIdentifier)
        #expect(proc.snapshot().descendants(of: own).contains(pid))
        #expect(proc.process(ofThread: pid) == pid)
        let selection = try TargetResolver(TargetSelector(pids: [pid])).resolve(excluding: [own])
        #expect(selection.targets.map(\.pid) == [pid])
    }

    @Test func readsTheHost() {
        let host = HostIdentity.read()
        #expect(host.kernelRelease.first?.isNumber == true)
        #expect(host.onlineCPUs >= 1)
        #expect(host.bootID.count == 36)
    }
}
