import Testing

@testable import ProcFS

@Suite struct ContainerTests {
    private static let id = "3f1c0de9a7b25846ffee0123456789abcdef0123456789abcdef0123456789ab"
    private static let pod = "2b4f3c1e-9d7a-4e2b-8c6f-0a1b2c3d4e5f"
    private static let podUnderscored = "2b4f3c1e_9d7a_4e2b_8c6f_0a1b2c3d4e5f"

    @Test(
        arguments: [
            ("/docker/\(id)", .docker),
            ("/system.slice/docker-\(id).scope", .docker),
            ("/system.slice/docker-\(id).scope/init.scope", .docker),
            ("/default/\(id)", .containerd),
            ("/system.slice/nerdctl-\(id).scope", .containerd),
            ("/machine.slice/libpod-\(id).scope/container", .podman),
            ("/libpod_parent/libpod-\(id)", .podman),
            ("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(id).scope", .podman),
            ("/system.slice/crio-\(id).scope", .crio),
            ("/ecs/8d1e/\(id)", .unknown),
            // A container in a container: the inner one.
            ("/docker/\(String(repeating: "a", count: 64))/docker/\(id)", .docker),
        ] as [(String, ContainerIdentity.Runtime)])
    func findsContainers(path: String, runtime: ContainerIdentity.Runtime) throws {
        let container = try #require(ContainerIdentity(cgroupPath: path))
        #expect(container.id == Self.id)
        #expect(container.runtime == runtime)
        #expect(container.podUID.isEmpty)
    }

    @Test(
        arguments: [
            ("/kubepods/besteffort/pod\(pod)/\(id)", .unknown),
            ("/kubepods.slice/kubepods-pod\(podUnderscored).slice/crio-\(id).scope", .crio),
            (
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(podUnderscored).slice/"
                    + "cri-containerd-\(id).scope", .containerd
            ),
            (
                "/system.slice/containerd.service/kubepods-burstable-pod\(podUnderscored).slice"
                    + ":cri-containerd:\(id)", .containerd
            ),
        ] as [(String, ContainerIdentity.Runtime)])
    func findsPods(path: String, runtime: ContainerIdentity.Runtime) throws {
        let container = try #require(ContainerIdentity(cgroupPath: path))
        #expect(container.id == Self.id)
        #expect(container.runtime == runtime)
        #expect(container.podUID == Self.pod)
    }

    @Test func podsFromFilesHaveAHash() {
        let hash = "0123456789abcdef0123456789abcdef"
        let path = "/kubepods/burstable/pod\(hash)/\(Self.id)"
        #expect(ContainerIdentity(cgroupPath: path)?.podUID == hash)
    }

    @Test(
        arguments: [
            ("/lxc/web", .lxc, "web"), ("/lxc.payload.web/init.scope", .lxc, "web"),
            ("/lxc.payload/web/system.slice/ssh.service", .lxc, "web"),
            ("/machine.slice/machine-my\\x2dbox.scope/payload", .nspawn, "my-box"),
            ("/machine.slice/systemd-nspawn@deb.service/payload/init.scope", .nspawn, "deb"),
            (
                "/ecs/task/0123456789abcdef0123456789abcdef-1234567", .unknown,
                "0123456789abcdef0123456789abcdef-1234567"
            ),
        ] as [(String, ContainerIdentity.Runtime, String)])
    func findsNamedContainers(path: String, runtime: ContainerIdentity.Runtime, id: String) throws {
        let container = try #require(ContainerIdentity(cgroupPath: path))
        #expect(container.id == id)
        #expect(container.runtime == runtime)
    }

    @Test(arguments: [
        "", "/", "/system.slice/redis.service", "/user.slice/user-0.slice/session-1.scope",
        "/machine.slice/libpod-conmon-\(id).scope", "/system.slice/crio-conmon-\(id).scope",
        "/lxc.monitor.web", "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
        "/system.slice/podman.service", "/job/98b7a2f12962d2dd7d9575d27f787a34",
    ])
    func ordinaryGroupsAreNoContainers(path: String) {
        #expect(ContainerIdentity(cgroupPath: path) == nil)
    }

    @Test func readsMembershipOfAllLayouts() {
        let hybrid = CgroupMembership(
            parsing: Array("9:name=systemd:/\n4:cpu,cpuacct:/a:b\n3:memory:/m\n0::/\n".utf8))
        #expect(hybrid.unified == "/")
        #expect(hybrid.path(ofController: "cpuacct") == "/a:b")
        #expect(hybrid.best == "/a:b")

        let unified = CgroupMembership(parsing: Array("0::/system.slice/redis.service\n".utf8))
        #expect(unified.entries.count == 1)
        #expect(unified.best == "/system.slice/redis.service")

        let docker = CgroupMembership(
            parsing: Array("2:name=systemd:/system.slice\n1:memory:/docker/\(Self.id)\n".utf8))
        #expect(docker.unified == nil)
        #expect(docker.best == "/docker/\(Self.id)")

        #expect(CgroupMembership(parsing: Array("1:cpu:/\n0::/\n".utf8)).best == "/")
        #expect(CgroupMembership(parsing: Array("nonsense\n1:2\n".utf8)).best.isEmpty)
    }
}
