/// Packets of a trace for https://ui.perfetto.dev (perfetto_trace.proto), one after another.
struct PerfettoTrace {
    /// Values of `perfetto.protos.BuiltinClock`.
    private enum Clock {
        static let realtime = 1
        static let boottime = 6
    }

    /// Values of `TrackEvent.Type`.
    private enum EventType {
        static let sliceBegin = 1
        static let sliceEnd = 2
        static let instant = 3
    }

    private let file: ExportFile
    /// What is to be taken from a time since the Unix epoch for one since boot, which traces are in.
    private let epoch: UInt64

    /// - Parameters:
    ///   - realtime: nanoseconds since the Unix epoch.
    ///   - boottime: the same moment on `CLOCK_BOOTTIME`.
    init(to file: ExportFile, realtime: UInt64, boottime: UInt64) throws(ExportError) {
        self.file = file
        epoch = realtime &- boottime
        var snapshot = ProtobufMessage()
        for (clock, time) in [(Clock.boottime, boottime), (Clock.realtime, realtime)] {
            var part = ProtobufMessage()
            part.add(1, clock)
            part.add(2, time)
            snapshot.add(1, part)
        }
        var packet = ProtobufMessage()
        packet.add(6, snapshot)
        try write(packet)
    }

    func describe(process pid: UInt32, _ name: String, track: UInt64) throws(ExportError) {
        var process = ProtobufMessage()
        process.add(1, pid)
        process.add(6, name)
        try describe(track, field: 3, process)
    }

    func describe(thread tid: UInt32, _ name: String, of pid: UInt32, track: UInt64) throws(ExportError) {
        var thread = ProtobufMessage()
        thread.add(1, pid)
        thread.add(2, tid)
        thread.add(5, name)
        try describe(track, field: 4, thread)
    }

    /// A stretch of time on a thread's track.
    ///
    /// - Parameters:
    ///   - notes: shown beside it.
    ///   - flow: the number of an arrow that ends here.
    func slice(
        _ name: String, _ category: String, _ time: Range<UInt64>, track: UInt64,
        notes: [(name: String, value: String)] = [], endOfFlow flow: UInt64? = nil
    ) throws(ExportError) {
        guard !time.isEmpty else { return }
        var event = self.event(EventType.sliceBegin, track, name, category, notes)
        if let flow { event.add(48, fixed: flow) }
        try write(event, time.lowerBound)
        var end = ProtobufMessage()
        end.add(9, EventType.sliceEnd)
        end.add(11, track)
        try write(end, time.upperBound)
    }

    /// A moment on a thread's track, from which an arrow begins.
    func instant(
        _ name: String, _ category: String, _ time: UInt64, track: UInt64, beginOfFlow flow: UInt64
    ) throws(ExportError) {
        var event = self.event(EventType.instant, track, name, category, [])
        event.add(47, fixed: flow)
        try write(event, time)
    }

    private func event(
        _ type: Int, _ track: UInt64, _ name: String, _ category: String,
        _ notes: [(name: String, value: String)]
    ) -> ProtobufMessage {
        var event = ProtobufMessage()
        event.add(9, type)
        event.add(11, track)
        event.add(22, category)
        event.add(23, name)
        for note in notes {
            var part = ProtobufMessage()
            part.add(10, note.name)
            part.add(6, note.value)
            event.add(4, part)
        }
        return event
    }

    private func describe(_ track: UInt64, field: Int, _ part: ProtobufMessage) throws(ExportError) {
        var descriptor = ProtobufMessage()
        descriptor.add(1, track)
        descriptor.add(field, part)
        var packet = ProtobufMessage()
        packet.add(10, 1)
        packet.add(60, descriptor)
        try write(packet)
    }

    private func write(_ event: ProtobufMessage, _ time: UInt64) throws(ExportError) {
        var packet = ProtobufMessage()
        packet.add(8, time > epoch ? time - epoch : 0)
        // All events are of one writer.
        packet.add(10, 1)
        packet.add(11, event)
        try write(packet)
    }

    private func write(_ packet: ProtobufMessage) throws(ExportError) {
        var trace = ProtobufMessage()
        trace.add(1, packet)
        try file.write(bytes: trace.bytes)
    }
}
