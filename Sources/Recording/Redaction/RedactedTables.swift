import GRDB

extension DatabaseQueue {
    /// Hides arguments and paths in a recording that nobody else has open; afterwards the file holds none of them.
    func redact() throws {
        let redactor = Redactor()
        try write { db in
            for (name, hide) in [
                ("redacted_path", redactor.path), ("redacted_arguments", redactor.arguments),
                ("redacted_text", redactor.text), ("redacted_reason", redactor.reason),
            ] {
                db.add(
                    function: DatabaseFunction(name, argumentCount: 1, pure: true) { values in
                        String.fromDatabaseValue(values[0]).map(hide) ?? values[0]
                    })
            }
            try db.execute(
                sql: """
                    UPDATE process_versions SET
                        command_line = redacted_arguments(command_line), executable = redacted_path(executable);
                    UPDATE resource_rows SET name = redacted_text(name), path = redacted_path(path),
                        local_address = redacted_path(local_address), remote_address = redacted_path(remote_address)
                        WHERE path <> '' OR name GLOB '*[/@]*';
                    UPDATE target_events SET reason = redacted_reason(reason);
                    UPDATE frame_rows SET module = redacted_path(module), file = redacted_path(file);
                    UPDATE stack_rows SET folded = redacted_text(folded) WHERE folded GLOB '*/*';
                    UPDATE meta SET value = redacted_arguments(value) WHERE key = 'command';
                    """)
        }
        // What was there before must not stay in pages that are free now.
        try vacuum()
    }
}
