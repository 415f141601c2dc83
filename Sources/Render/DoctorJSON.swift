import Model

/// What a host can do, as JSON.  docs/doctor.md describes it: members are added, never changed.
public enum DoctorJSON {
    public static func render(_ report: HostReport) -> String {
        let checks = report.checks.map { check in
            let members = [
                ("name", JSONText.string(check.name)),
                ("status", JSONText.string(check.status.rawValue)),
                ("required", "\(check.isRequired)"),
                ("detail", JSONText.string(check.detail)),
                ("needed_for", JSONText.string(check.neededFor)),
                ("remedy", JSONText.string(check.remedy)),
            ]
            return "    {" + members.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
        }
        return """
            {
              "recording_works": \(report.recordingWorks),
              "kernel": \(JSONText.string(report.kernel)),
              "machine": \(JSONText.string(report.machine)),
              "checks": [
            \(checks.joined(separator: ",\n"))
              ]
            }

            """
    }
}
