import Foundation
import Model
import ProcFS
import Testing

@testable import Collector

@Suite struct PressureTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "pressure-\(UUID().uuidString)")
        .path

    private func write(_ path: String, some: Int, full: Int?) throws {
        let file = URL(fileURLWithPath: "\(root)/\(path)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        var text = "some avg10=0.00 avg60=0.07 avg300=0.32 total=\(some)\n"
        if let full { text += "full avg10=0.00 avg60=0.05 avg300=0.23 total=\(full)\n" }
        try Data(text.utf8).write(to: file)
    }

    @Test func stallTimesAreThoseSinceTheLastLook() throws {
        defer {
            do { try FileManager.default.removeItem(atPath: root) } catch { print("left behind: \(root)") }
        }
        try write("proc/pressure/io", some: 1000, full: 400)
        // Older kernels tell only this of CPUs.
        try write("proc/pressure/cpu", some: 50, full: nil)
        var meter = PressureMeter(proc: ProcTree(root: "\(root)/proc"), mountPoint: "\(root)/cgroup")
        try write("proc/pressure/io", some: 1700, full: 500)
        try write("cgroup/app.slice/memory.pressure", some: 10, full: 5)
        #expect(
            meter.read(cgroups: ["/app.slice", "/"]) == [
                PressureSample(resource: .cpu, some: 0, full: 0),
                PressureSample(resource: .io, some: 700_000, full: 100_000),
            ])
        try write("cgroup/app.slice/memory.pressure", some: 30, full: 6)
        let app = meter.read(cgroups: ["/app.slice"]).filter { !$0.cgroup.isEmpty }
        #expect(app == [PressureSample(cgroup: "/app.slice", resource: .memory, some: 20_000, full: 1000)])
        // Made anew under the same name.
        try write("cgroup/app.slice/memory.pressure", some: 2, full: 1)
        let again = meter.read(cgroups: ["/app.slice"]).filter { !$0.cgroup.isEmpty }
        #expect(again == [PressureSample(cgroup: "/app.slice", resource: .memory, some: 2000, full: 1000)])
    }
}
