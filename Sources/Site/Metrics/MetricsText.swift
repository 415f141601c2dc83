import Recording

/// Counters in Prometheus's words: base units, `_total` for what only grows.
enum MetricsText {
    /// What all series are called that stand for those without a slot.
    static let others = "others"

    static func render(_ counters: RecordingCounters, _ recording: Recording, name: String) -> String {
        var text = Exposition()
        let header = recording.header
        text.begin("stallscope_recording_info", .gauge, "The recording that these metrics are of.")
        text.add(
            "stallscope_recording_info",
            [
                ("recording", name), ("host", header.host), ("kernel", header.kernel),
                ("version", header.version), ("finished", recording.isFinished ? "true" : "false"),
            ], 1)
        text.begin(
            "stallscope_last_tick_timestamp_seconds", .gauge, "When the newest tick ended, Unix time.")
        text.add("stallscope_last_tick_timestamp_seconds", [], Double(counters.lastTick) / 1e9)
        text.begin("stallscope_threads", .gauge, "Threads that were alive in the newest tick.")
        text.add("stallscope_threads", [], Double(counters.threadCount))
        text.begin("stallscope_watched_seconds_total", .counter, "Time of the ticks that were counted.")
        text.add("stallscope_watched_seconds_total", [], counters.watched)
        text.begin("stallscope_losses_total", .counter, "What was lost, by what it was.")
        for (what, count) in counters.losses.sorted(by: { $0.key < $1.key }) {
            text.add("stallscope_losses_total", [("what", what)], count)
        }
        addThreads(counters, to: &text)
        addWaits(counters, to: &text)
        addOccupants(counters, to: &text)
        addBlock(counters, to: &text)
        return text.text
    }

    private static func addThreads(_ counters: RecordingCounters, to text: inout Exposition) {
        text.begin("stallscope_state_seconds_total", .counter, "Time of all threads in each state.")
        for (index, state) in RecordingCounters.stateNames.enumerated() {
            text.add("stallscope_state_seconds_total", [("state", state)], counters.states[index])
        }
        text.begin(
            "stallscope_thread_seconds_total", .counter,
            "Time of the busiest threads in each state; the others' together.")
        let others = RecordingCounters.ThreadLabel(pid: "", tid: "", process: others, thread: Self.others)
        for (label, values) in counters.threads.slots + [(others, counters.threads.rest)] {
            for (index, state) in RecordingCounters.stateNames.enumerated() {
                text.add(
                    "stallscope_thread_seconds_total",
                    [
                        ("process", label.process), ("pid", label.pid), ("thread", label.thread),
                        ("tid", label.tid), ("state", state),
                    ], values[index])
            }
        }
    }

    private static func addWaits(_ counters: RecordingCounters, to text: inout Exposition) {
        let others = RecordingCounters.WaitLabel(process: others, kind: others, resource: others)
        let rows = (counters.waits.slots + [(others, counters.waits.rest)]).map { label, values in
            ([("process", label.process), ("kind", label.kind), ("resource", label.resource)], values)
        }
        add(
            rows, to: &text,
            [
                ("stallscope_wait_seconds_total", "Time that threads of a process waited, by what for."),
                ("stallscope_waits_total", "Waits that ended."),
            ])
    }

    private static func addOccupants(_ counters: RecordingCounters, to text: inout Exposition) {
        let others = RecordingCounters.OccupantLabel(kind: others, occupant: others)
        add(
            (counters.occupants.slots + [(others, counters.occupants.rest)]).map { label, values in
                ([("kind", label.kind), ("occupant", label.occupant)], values)
            }, to: &text,
            [
                (
                    "stallscope_run_queue_seconds_total",
                    "Time that threads waited for a CPU, by who or what had it."
                )
            ])
    }

    private static func addBlock(_ counters: RecordingCounters, to text: inout Exposition) {
        let others = RecordingCounters.BlockLabel(device: others, operation: others)
        add(
            (counters.block.slots + [(others, counters.block.rest)]).map { label, values in
                ([("device", label.device), ("operation", label.operation)], values)
            }, to: &text,
            [
                ("stallscope_block_device_seconds_total", "Time of completed requests at the device."),
                (
                    "stallscope_block_queue_seconds_total",
                    "Time of completed requests before the device had them."
                ),
                ("stallscope_block_requests_total", "Completed requests."),
                ("stallscope_block_bytes_total", "Bytes that completed requests moved."),
            ])
    }

    /// One metric for each of the rows' values.
    private static func add(
        _ rows: [([(String, String)], [Double])], to text: inout Exposition, _ metrics: [(String, String)]
    ) {
        for (index, metric) in metrics.enumerated() {
            text.begin(metric.0, .counter, metric.1)
            for (labels, values) in rows { text.add(metric.0, labels, values[index]) }
        }
    }
}
