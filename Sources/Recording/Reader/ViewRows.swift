import GRDB

extension Recording {
    /// The views of this recording, in the order of their names.  One of an older format has fewer.
    public func views() throws(RecordingError) -> [RecordingView] {
        try read { db in
            let names = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")
            return try names.map { name in
                RecordingView(
                    name: name,
                    columns: try String.fetchAll(
                        db, sql: "SELECT name FROM pragma_table_info(?) ORDER BY cid", arguments: [name]
                    ).map(RecordingView.Column.init(name:)))
            }
        }
    }

    /// Hands out the rows of a view, one after another, however many there are.
    ///
    /// - Parameters:
    ///   - view: one of ``views()``.
    ///   - filter: those of its ``Filter/choices`` apply that are among the view's.
    ///   - row: gets a value for each of the view's columns.
    /// - Throws: ``RecordingError``, and what `row` throws.
    public func forEachRow(
        of view: RecordingView, _ filter: Filter = Filter(), _ row: ([QueryValue]) throws -> Void
    ) throws {
        let conditions = filter.conditions(on: view)
        let columns = view.columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
        var failure: (any Error)?
        try read { db in
            let rows = try Row.fetchCursor(
                db, sql: "SELECT \(columns) FROM \"\(view.name)\" \(conditions.sql)",
                arguments: conditions.statementArguments)
            while let next = try rows.next() {
                do { try row(next.databaseValues.map(QueryValue.init(_:))) } catch {
                    failure = error
                    return
                }
            }
        }
        if let failure { throw failure }
    }

    /// Ids (`ThreadVersion.thread`) of the threads that a filter chooses by thread and process.
    public func threadIDs(_ filter: Filter) throws(RecordingError) -> Set<Int64> {
        try read { db in Set(try Selection(filter, db).versions.values.map(\.thread)) }
    }
}
