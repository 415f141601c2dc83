import CommandRunning
import Foundation
import Model
import Testing

/// Processes in namespaces and a cgroup of their own are seen as the host sees them.
@Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct IsolationTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// Runs a script in new pid, network and mount namespaces and in a new cgroup.
    private func contained(
        _ script: String, lingeringUntil: ((Observation) -> Bool)? = nil
    ) throws -> Observation {
        let group = try #require(try QuotaGroup(cpus: 8))
        let enter =
            "echo $$ > \(group.directory)/cgroup.procs; exec unshare -pfmn --mount-proc sh -c '\(script)'"
        return try Observation.of(
            path: "/bin/sh", ["-c", enter], printsTruth: true, lingeringUntil: lingeringUntil)
    }

    @Test func idsAreTheHosts() throws {
        let program = try TestProgram("pipe_pair").path
        let seen = try contained("\(program) 20 1") { seen in
            seen.processes.values.contains {
                $0.comm == "pipe_pair" && $0.cgroup.hasPrefix("/stallscope-test-") && $0.namespacePID != 0
            }
        }
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        // What the programs say of themselves are ids of their own namespace.
        let writer = try seen.truth("writer")
        let reader = try seen.truth("reader")
        #expect(writer.pid ?? 0 < 10 && reader.pid ?? 0 < 10)
        let versions = seen.processes.values.filter { $0.comm == "pipe_pair" }
        let hostWriter = try #require(versions.first { $0.namespacePID == writer.pid })
        let hostReader = try #require(versions.first { $0.namespacePID == reader.pid })
        #expect(hostWriter.pid > 10 && hostReader.parentPID == hostWriter.pid)
        // The one that stayed until its facts were read.
        #expect(versions.contains { $0.cgroup.hasPrefix("/stallscope-test-") }, "\(versions.map(\.cgroup))")
        #expect(seen.threads.values.contains { $0.tid == hostReader.pid && $0.namespaceTID == reader.tid })
        // The waker is the host's as well.
        let waits = seen.waits(tid: hostReader.pid).filter { $0.subject.kind == .pipe }
        seen.expectWakers(of: waits, .thread, tid: hostWriter.pid)
        seen.expectBrackets(
            of: seen.namedWaits.filter {
                $0.thread.tid == hostReader.pid && $0.wait.subject.kind == .pipe
            }, reader)
    }

    @Test func childrenAreCalledByTheHostsIds() throws {
        let program = try TestProgram("process_waits").path
        let seen = try contained("\(program) 3 2 wait4; true")
        seen.expectTimeIsConserved()
        let resources = seen.resources
        var names: [String] = []
        for (_, wait) in seen.batches.flatMap(\.waits) where wait.subject.kind == .child && wait.count > 0 {
            let name = resources[wait.subject.resource]?.name ?? ""
            if name != "any child" { names.append(name == "child \(wait.waker.pid)" ? "right" : name) }
        }
        #expect(names.count >= 3 && Set(names) == ["right"], "\(names)")
    }

    @Test func pathsAreTheHosts() throws {
        let inner = scratch.path("inner")
        mkdir(inner, 0o777)
        let program = try TestProgram("file_waits").path
        let seen = try contained("mount --bind \(inner) /mnt && exec \(program) /mnt/data 50 4096 cold 20")
        seen.expectTimeIsConserved()
        let waits = seen.batches.flatMap(\.waits).map(\.wait).filter { $0.subject.kind == .fileRead }
        let resources = seen.resources
        let paths = Set(waits.compactMap { resources[$0.subject.resource]?.path })
        #expect(paths.filter { $0.hasSuffix("/data") } == ["\(inner)/data"], "\(paths)")
    }

    /// The same addresses and ports in two network namespaces at once.
    @Test func equalSocketsInTwoNamespacesAreTwo() throws {
        let program = try TestProgram("inet_waits").path
        let one = """
            ip link set lo up && {
                export PAIR_FILE=$(mktemp -p \(scratch.directory))
                \(program) 10 2 udp 127.0.0.1 7777 server &
                \(program) 10 2 udp 127.0.0.1 7777 client; wait; }
            """
        let script = "unshare -n sh -c '\(one)' & unshare -n sh -c '\(one)'; wait"
        let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
        seen.expectTimeIsConserved()
        let servers = seen.truths.filter { $0.role == "waiter" && $0.event == "thread" }
        #expect(servers.count == 2)
        var sockets: [Resource] = []
        for server in servers {
            let waits = seen.waits(tid: server.tid).filter { $0.subject.kind == .inet }
            let socket = try seen.resource(of: waits)
            #expect(socket.localAddress == "127.0.0.1:7777")
            sockets.append(socket)
            let wakers = Set(waits.filter { $0.count > 0 && $0.waker.kind == .thread }.map(\.waker.tid))
            #expect(wakers.count == 1, "each is served by its own client only")
        }
        #expect(sockets.first?.id != sockets.last?.id)
        #expect(Set(sockets.map(\.netNamespace)).count == 2)
    }
}
