import Foundation
import Model
import Testing

/// A number that is used again names something else: descriptors, thread ids, process ids, paths.
@Suite(.needsKernel, .serialized) struct IdentityTests {
    @Test func oneDescriptorForManyThings() throws {
        let seen = try Observation.ofEach([["fd_reuse", "12", "1"]])[0]
        let tid = try seen.truth("waiter").tid
        let waits = seen.namedWaits.filter { $0.thread.tid == tid && $0.wait.subject.direction == .read }
        let lines = seen.resourceTruths("waiter").filter { $0.kind != "futex" }
        #expect(lines.count == 12)
        for line in lines {
            let kind: WaitKind =
                switch line.kind {
                case "pipe": .pipe
                case "unix": .unix
                case "inet": .inet
                default: .event
                }
            let matching = waits.filter {
                $0.wait.subject.kind == kind && line.isAbout($0.resource)
                    && ($0.wait.waker.tid == line.waker_tid || $0.isUnseen || $0.wait.waker.kind == .network)
            }
            #expect(matching.reduce(0) { $0 + $1.wait.count } >= 1, "\(line)\n\(Observation.list(waits))")
        }
        seen.expectBrackets(of: waits, try seen.truth("waiter"))
        #expect(Set(waits.map(\.wait.subject.resource)).count >= 10)
    }

    /// The one that calls exec takes over the leader's id; its sleep goes on the same account.
    @Test func execFromAnotherThread() throws {
        let seen = try Observation.of("exec_threads", ["4", "10", "20", "sleep"])
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let replaced = try #require(seen.truths.first { $0.event == "replaced" })
        let truth = try seen.truth("replaced")
        #expect(replaced.tid == replaced.pid)
        let waits = seen.namedWaits.filter { $0.thread.tid == replaced.tid && $0.wait.subject.kind == .sleep }
        let after = waits.filter { $0.resource?.name == "sleep of 20.0 ms" }
        seen.expectBrackets(of: after, truth, of: waits)
        // The same thread as the one that had another id before.
        let former = seen.threads.values.filter { $0.tid == replaced.former_tid }
        #expect(former.contains { thread in after.contains { $0.thread.thread == thread.thread } })
    }

    /// Two processes with the same id, one after the other, with a futex at the same address.
    @Test(.disabled(if: KernelAccess.isEmulated, "needs setarch(8)")) func oneProcessIDTwice() throws {
        let program = try TestProgram("futex_kinds").path
        // In a pid namespace of its own, where nobody else takes the id.
        let script = """
            run() { setarch -R \(program) 2 1 private; }
            run & first=$!; wait $first
            echo $((first - 1)) >/proc/sys/kernel/ns_last_pid
            run & second=$!; wait $second
            [ $first = $second ]
            """
        let seen = try Observation.of(
            path: "unshare", ["-pf", "--mount-proc", "/bin/sh", "-c", script], printsTruth: true)
        seen.expectTimeIsConserved()
        let own = try #require(seen.truths.first { $0.event == "start" }?.pid)
        #expect(seen.truths.filter { $0.event == "start" }.map(\.pid) == [own, own])
        let processes = seen.processes.values.filter { $0.namespacePID == own && $0.comm == "futex_kinds" }
        #expect(Set(processes.map(\.process)).count == 2)
        let line = try #require(seen.truths.first { $0.event == "words" }?.first)
        let futexes = seen.resources.values.filter {
            $0.kind == .futex && $0.identity.hasSuffix(":\(line)")
        }
        #expect(futexes.count == 2, "\(futexes)")
    }

    @Test func anUnlinkedFIFOKeepsItsName() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fifo-\(UUID().uuidString)").path
        // Once the name is gone the other writes, and once it sleeps for what is written.
        let script = """
            mkfifo \(path)
            {
                while [ -e \(path) ]; do sleep 0.01; done
                until grep -Eq '^(0|7) ' /proc/$$/syscall; do sleep 0.01; done
                echo x
            } > \(path) & exec < \(path); rm \(path); read x
            """
        let seen = try Observation.of(path: "/bin/sh", ["-c", script])
        // Some shells poll before they read.
        let waits = seen.namedWaits.filter {
            $0.resource?.path == path && [.pipe, .poll].contains($0.wait.subject.kind)
        }
        #expect(waits.reduce(0) { $0 + $1.wait.count } >= 1, "\(Observation.list(seen.namedWaits))")
    }
}
