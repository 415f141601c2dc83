import CommandRunning
import Foundation
import Testing

/// Without root and without capabilities: nothing is recorded, and the user is told why.
@Suite struct PrivilegeTests {
    private let scratch: Scratch
    private let program: String
    private let launcher: [String]

    init() throws {
        scratch = try Scratch()
        guard geteuid() == 0 else {
            (program, launcher) = (RunningCommand.program, [])
            return
        }
        // Where the tests were built, nobody else may be able to look.
        program = scratch.path("stallscope")
        // By a process of its own: what this one holds open for writing, a child started meanwhile holds too,
        // and then it cannot be run.
        let copy = try RunningCommand.run([RunningCommand.program, program], program: "/bin/cp")
        try #require(copy.status == 0, "\(copy.errors)")
        launcher = [
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--",
        ]
    }

    @Test(arguments: [["--all"], ["--pid", "1"], ["--", "true"]])
    func recordNamesTheCapabilities(target: [String]) throws {
        let run = try RunningCommand.run(
            ["record", "--output", scratch.path()] + target, program: program, launcher: launcher,
            directory: scratch.directory)
        #expect(run.status == 1)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("CAP_BPF and CAP_PERFMON"), "\(run.errors)")
        #expect(run.errors.contains("root"))
        #expect(!FileManager.default.fileExists(atPath: scratch.path()))
    }

    @Test func doctorSaysWhatIsMissing() throws {
        let text = try RunningCommand.run(["doctor"], program: program, launcher: launcher)
        #expect(text.status == 1)
        #expect(text.errors.isEmpty)
        #expect(text.output.contains("Recording does not work"))
        #expect(text.output.contains("CAP_PERFMON"))
        let json = try RunningCommand.run(["doctor", "--json"], program: program, launcher: launcher)
        #expect(json.status == 1)
        let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(report?["recording_works"] as? Bool == false)
        let checks = try #require(report?["checks"] as? [[String: Any]])
        #expect(checks.allSatisfy { Set($0.keys) == Self.fields })
        let privileges = checks.first { $0["name"] as? String == "privileges" }
        #expect(privileges?["status"] as? String == "unavailable")
        #expect(privileges?["required"] as? Bool == true)
    }

    static let fields: Set = ["name", "status", "required", "detail", "needed_for", "remedy"]
}
