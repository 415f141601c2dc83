import Glibc
import SystemPackage
import Testing

@testable import BPF

/// What the BTF of the kernel that the tests run on tells; reading it needs no privilege.
@Suite(.enabled(if: access("/sys/kernel/btf/vmlinux", R_OK) == 0, "this kernel has no BTF"))
struct KernelTypesTests {
    @Test func findsWhatEveryKernelHas() throws {
        let types = try KernelTypes()
        let found = (
            types.hasTracepoint("sched_switch"), types.hasPerCPUVariable("runqueues"),
            types.hasFunction("schedule"), types.hasMember("pid", of: "task_struct")
        )
        #expect(found == (true, true, true, true))
    }

    @Test func findsNothingUnderOtherNamesOrKinds() throws {
        let types = try KernelTypes()
        let found = (
            types.hasTracepoint("sched_switch_to_tea"), types.hasPerCPUVariable("schedule"),
            types.hasFunction("runqueues"), types.hasMember("pid", of: "no_such_struct")
        )
        #expect(found == (false, false, false, false))
        let member = types.hasMember("no_such_member", of: "task_struct")
        #expect(!member)
    }

    @Test func perCPUVariablesHaveDistances() throws {
        let variables = try #require(PerCPUVariables(KernelTypes()))
        let types = try KernelTypes()
        for name in ["__preempt_count", "pcpu_hot"] where types.hasPerCPUVariable(name) {
            let distance = try #require(variables.distance(from: "runqueues", to: name))
            #expect(variables.distance(from: name, to: "runqueues") == -distance)
        }
        #expect(variables.distance(from: "runqueues", to: "runqueues") == 0)
        #expect(variables.distance(from: "runqueues", to: "no_such_variable") == nil)
    }
}
