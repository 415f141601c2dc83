import ArgumentParser
import Doctor
import Render

/// `stallscope doctor`
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what can be recorded on this host, what not, and what to do about it.",
        discussion: """
            Loads the kernel programs, attaches them and removes them again, as a recording does.  The exit
            status is 0 if recording works, 1 if something that it requires is missing.  What is optional adds
            detail.

            EXAMPLES
              sudo stallscope doctor
              stallscope doctor --json | jq '.checks[] | select(.status != "available")'
            """)

    @Flag(help: "Print JSON, with the fields that docs/doctor.md describes.")
    var json = false

    @OptionGroup var colors: ColorOptions

    func run() throws {
        let report = Examination().report()
        if json {
            Terminal.print(DoctorJSON.render(report))
        } else {
            Terminal.print(DoctorText.render(report), colors)
        }
        if !report.recordingWorks { throw ExitCode.failure }
    }
}
