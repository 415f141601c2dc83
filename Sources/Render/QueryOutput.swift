import Recording

/// Results of queries as text, row by row.
public enum QueryOutput {
    /// An aligned table, numbers to the right.
    public static func table(_ result: QueryResult) -> String {
        let columns = result.columns.indices.map {
            column -> (title: String, alignment: TextTable.Alignment) in
            let isNumeric = result.rows.contains { row in
                switch row[column] {
                case .integer, .real: true
                default: false
                }
            }
            return (result.columns[column], isNumeric ? .right : .left)
        }
        var table = TextTable(columns, widest: 100)
        for row in result.rows { table.add(row.map(text)) }
        return table.lines().joined(separator: "\n") + "\n"
    }

    /// One line of CSV (RFC 4180) with its CRLF.  NULL is an empty field; an empty text is `""`.
    ///
    /// - Parameter forTerminal: escape what a terminal would obey; files get what was recorded.
    public static func csv(_ row: [QueryValue], forTerminal: Bool = false) -> String {
        row.map { value -> String in
            if case .null = value { return "" }
            if case .text("") = value { return "\"\"" }
            return csvField(forTerminal ? TerminalText.safe(text(value)) : text(value))
        }.joined(separator: ",") + "\r\n"
    }

    /// The header line of a CSV file.
    public static func csvHeader(_ columns: [String]) -> String {
        columns.map(csvField).joined(separator: ",") + "\r\n"
    }

    private static func csvField(_ field: String) -> String {
        let needsQuotes = field.utf8.contains { byte in
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r")
        }
        guard needsQuotes else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }

    /// One row as a JSON object.  Integers and reals are numbers, blobs hexadecimal text.
    /// - Parameter keys: from ``jsonKeys(_:)``.
    public static func json(_ row: [QueryValue], keys: [String]) -> String {
        let members = zip(keys, row).map { key, value in JSONText.string(key) + ":" + json(value) }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// Column names as keys of an object: a name that occurs again becomes `name_2`.
    public static func jsonKeys(_ columns: [String]) -> [String] {
        var used: Set<String> = []
        return columns.map { column in
            var key = column
            var number = 2
            while !used.insert(key).inserted {
                key = "\(column)_\(number)"
                number += 1
            }
            return key
        }
    }

    /// A text as a JSON string.
    public static func jsonText(_ text: String) -> String { JSONText.string(text) }

    /// One value, as in ``json(_:keys:)``.
    public static func json(_ value: QueryValue) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): "\(number)"
        // JSON has no infinities.
        case .real(let number): number.isFinite ? "\(number)" : "null"
        case .text(let text): JSONText.string(text)
        case .blob: JSONText.string(text(value))
        }
    }

    private static func text(_ value: QueryValue) -> String {
        switch value {
        case .null: "NULL"
        case .integer(let number): "\(number)"
        case .real(let number): "\(number)"
        case .text(let text): text
        case .blob(let bytes):
            bytes.map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        }
    }
}
