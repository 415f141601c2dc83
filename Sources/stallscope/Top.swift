import ArgumentParser

/// `stallscope top`
struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what threads wait for, and for whom, while it happens or as it was.",
        discussion: """
            Records as `stallscope record` does and shows the last seconds of it: the
            verdict of a diagnosis, every thread's states, what the run queue was
            occupied by, the longest waits and who ended them.  With a file it goes
            through that recording, or follows one that is being made.  ? lists the
            keys.  Where the output is no terminal, text is printed each interval.

            EXAMPLES:
              sudo stallscope top --pid 1234
              sudo stallscope top --comm '^redis' --output redis.stall
              sudo stallscope top --pid 1234 --batch 5
              stallscope top app.stall
              stallscope top app.stall --batch 3
            """)

    @Argument(
        help: "A file made by `stallscope record`, instead of processes to record.",
        completion: .file(extensions: ["stall"]))
    var file: String?

    @OptionGroup(title: "Targets") var targets: TargetOptions

    @OptionGroup var ticks: TickOptions

    @OptionGroup(title: "Following") var followed: FollowOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Keep the recording in this file; without it, it is removed at the end.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Print text, so many times, instead of a screen.", valueName: "n"))
    var batch: Int?

    @OptionGroup var colors: ColorOptions

    @OptionGroup var logging: LoggingOptions

    func validate() throws {
        guard (file == nil) != targets.isEmpty else {
            throw ValidationError(
                file == nil
                    ? "Say what to show: a recording, or --pid, --comm, --cmdline, --cgroup, --endpoint or --all."
                    : "Give either a recording or processes to record, not both.")
        }
        if file != nil, output != nil {
            throw ValidationError("--output goes with processes to record: \(file ?? "") is a file already.")
        }
        if let batch, batch < 1 { throw ValidationError("--batch must be at least 1.") }
    }
}
