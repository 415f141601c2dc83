import Foundation
import Testing

@testable import ProcFS

@Suite struct CgroupTests {
    @Test func readsMountsOfAHybridLayout() {
        let text = """
            31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:2 - cgroup cgroup rw,cpu,cpuacct
            35 31 0:32 / /sys/fs/cgroup/with\\040space rw,relatime - cgroup cgroup rw,xattr,memory
            40 31 0:37 /docker/1f /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/x,name=systemd
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
            42 31 0:38 / /somewhere/else rw,relatime - cgroup2 cgroup2 rw
            43 31 0:40 / /short rw
            """
        let found = CgroupHierarchy.parse(mountinfo: Array(text.utf8))
        #expect(
            found == [
                CgroupHierarchy(controllers: [], mountPoint: "/sys/fs/cgroup/unified"),
                CgroupHierarchy(
                    controllers: ["name=systemd"], mountPoint: "/sys/fs/cgroup/systemd",
                    mountRoot: "/docker/1f"),
                CgroupHierarchy(controllers: ["cpu", "cpuacct"], mountPoint: "/sys/fs/cgroup/cpu,cpuacct"),
                CgroupHierarchy(controllers: ["memory"], mountPoint: "/sys/fs/cgroup/with space"),
            ])
        #expect(found.map(\.name) == ["unified (v2)", "name=systemd", "cpu,cpuacct", "memory"])
    }

    private func finder(_ tree: FakeTree) -> CgroupFinder {
        CgroupFinder(
            hierarchies: [
                CgroupHierarchy(controllers: [], mountPoint: tree.root + "/unified"),
                CgroupHierarchy(
                    controllers: ["memory"], mountPoint: tree.root + "/memory", mountRoot: "/docker/1f"),
            ], proc: ProcTree(root: tree.root + "/proc"))
    }

    @Test func collectsProcessesOfAllGroupsBelow() throws {
        let tree = try FakeTree()
        try tree.write("unified/web.slice/cgroup.procs", "30\n0\n")
        try tree.write("unified/web.slice/a.service/cgroup.procs", "12\n7\n")
        try tree.write("unified/web.slice/a.service/inner/cgroup.procs", "9\n12\n")
        let found = finder(tree).find("web.slice")
        #expect(found.count == 1)
        #expect(found.first?.pids == [7, 9, 12, 30])
        #expect(found.first?.path == "/web.slice")
        #expect(found.first?.directory == tree.root + "/unified/web.slice")
        #expect(found.first?.unifiedID != nil)
        #expect(finder(tree).find(tree.root + "/unified/web.slice/").first?.pids == [7, 9, 12, 30])
    }

    @Test func findsPathsOfOneControllerAndOfContainers() throws {
        let tree = try FakeTree()
        try tree.write("unified/x/cgroup.procs", "")
        try tree.write("memory/x/cgroup.procs", "5\n")
        try tree.write("memory/cgroup.procs", "4\n")
        let finder = finder(tree)
        #expect(finder.find("/x").map(\.pids) == [[], [5]])
        #expect(finder.find("memory:/x").map(\.pids) == [[5]])
        #expect(finder.find("memory:/x").first?.unifiedID == nil)
        // As /proc/PID/cgroup shows it, where the mount's root is the container's group.
        #expect(finder.find("/docker/1f/x").map(\.pids) == [[5]])
        #expect(finder.find("/docker/1f").map(\.pids) == [[4, 5]])
        #expect(finder.find("/y").isEmpty)
        #expect(finder.find("/x/../..").isEmpty)
    }
}

@Suite struct CgroupIDTests {
    @Test func directoriesAreFoundByTheirNumbers() throws {
        let base = FileManager.default.temporaryDirectory.appending(path: "cgroup-ids-\(UUID().uuidString)")
            .path
        defer {
            do { try FileManager.default.removeItem(atPath: base) } catch { print("left behind: \(base)") }
        }
        try FileManager.default.createDirectory(
            atPath: base + "/system.slice/app.service", withIntermediateDirectories: true)
        let hierarchy = CgroupHierarchy(controllers: ["blkio"], mountPoint: base)
        let other = CgroupHierarchy(controllers: [], mountPoint: "/nowhere")
        var ids = CgroupIDs(controller: "blkio", hierarchies: [other, hierarchy])
        func number(_ path: String) throws -> UInt64 {
            UInt64(try #require(FileAccess.status(of: base + path)).st_ino)
        }
        #expect(ids.path(of: try number("/system.slice/app.service")) == "/system.slice/app.service")
        #expect(ids.path(of: try number("")) == "/")
        #expect(ids.path(of: 0) == "")
        #expect(ids.path(of: .max) == "")
        // One that was made since is found when it is asked for.
        try FileManager.default.createDirectory(
            atPath: base + "/new.slice", withIntermediateDirectories: true)
        #expect(ids.path(of: try number("/new.slice")) == "/new.slice")
    }
}
