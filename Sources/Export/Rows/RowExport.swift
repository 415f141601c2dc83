import Recording

/// Views of a recording, row by row.
public struct RowExport {
    private let recording: Recording
    private let filter: Filter
    private let views: [RecordingView]

    /// - Parameter names: of views; empty: all.
    /// - Throws: ``ExportError/noSuchView(name:known:)``, ``ExportError/filterDoesNotApply(parts:to:)``,
    ///   `RecordingError`.
    public init(_ recording: Recording, _ filter: Filter, views names: [String]) throws {
        self.recording = recording
        let known = try recording.views()
        views =
            names.isEmpty
            ? known
            : try names.map { name in
                guard let view = known.first(where: { $0.name == name }) else {
                    throw ExportError.noSuchView(name: name, known: known.map(\.name))
                }
                return view
            }
        var taken: Set<RecordingView.Choice> = []
        for view in views { taken.formUnion(view.choices) }
        let ignored = filter.choices.subtracting(taken)
        guard ignored.isEmpty else {
            throw ExportError.filterDoesNotApply(
                parts: ignored.map(\.rawValue).sorted(),
                to: views.count == 1 ? "the view \(views[0].name)" : "none of these views")
        }
        // Of a recording that goes on, all views end with the same tick.
        var filter = filter
        if filter.to == nil, !recording.isFinished { filter.to = try recording.ticks(filter).last?.time }
        self.filter = filter
    }

    /// Writes the first of the views.
    public func write(_ format: RowFormat, to file: ExportFile) throws {
        guard let view = views.first else { return }
        try write(view, format, to: file)
    }

    /// Makes a directory with a file for each view.
    public func write(_ format: RowFormat, toFolder path: String) throws {
        let folder = try ExportFolder(at: path)
        try write(format, into: folder.temporary)
        try folder.finish()
    }

    /// - Returns: the views, with their files' names and numbers of rows.
    @discardableResult func write(_ format: RowFormat, into directory: String) throws -> [(
        view: RecordingView, path: String, rows: Int
    )] {
        try views.map { view in
            let path = "\(directory)/\(view.name).\(format.rawValue)"
            let file = try ExportFile(at: path)
            let rows = try write(view, format, to: file)
            try file.finish()
            return (view, path, rows)
        }
    }

    @discardableResult
    private func write(_ view: RecordingView, _ format: RowFormat, to file: ExportFile) throws -> Int {
        let keys = view.columns.map { "\"\($0.name)\":" }
        var rows = 0
        try file.write(format.header(of: view))
        try recording.forEachRow(of: view, filter) { row in
            try file.write(format.line(row, of: view, keys: keys, forTerminal: file.isTerminal))
            rows += 1
        }
        return rows
    }
}
