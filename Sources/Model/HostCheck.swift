/// One thing that a host must have or may have for recording, and whether it has it.
public struct HostCheck: Sendable, Equatable {
    /// Raw values are part of the format of `stallscope doctor --json`.
    public enum Status: String, Sendable {
        case available, unavailable
        /// It could not be found out; `detail` says why.
        case unknown
    }

    /// Stable; unique in a ``HostReport``.
    public var name: String
    public var status: Status
    /// Recording does not work without it.
    public var isRequired: Bool
    /// What was found; may be empty if there is nothing to say but that it is available.
    public var detail: String
    /// What the user gets from it, and so has to do without where it is missing.
    public var neededFor: String
    /// What to do about it; empty if it is available or nothing can be done.
    public var remedy: String

    public init(
        _ name: String, _ status: Status, isRequired: Bool = false, detail: String = "",
        neededFor: String, remedy: String = ""
    ) {
        self.name = name
        self.status = status
        self.isRequired = isRequired
        self.detail = detail
        self.neededFor = neededFor
        self.remedy = status == .available ? "" : remedy
    }
}

/// What a host can do for a recording.
public struct HostReport: Sendable {
    /// As `uname -r` shows it.
    public var kernel: String
    /// As `uname -m` shows it.
    public var machine: String
    public var checks: [HostCheck]

    public init(kernel: String, machine: String, checks: [HostCheck]) {
        self.kernel = kernel
        self.machine = machine
        self.checks = checks
    }

    /// Everything required is available.
    public var recordingWorks: Bool { obstacles.isEmpty }

    /// What stands in the way of recording.
    public var obstacles: [HostCheck] { checks.filter { $0.isRequired && $0.status != .available } }
}
