import Recording
import Render

/// Rows as lines of text.
public enum RowFormat: String, Sendable, CaseIterable {
    /// RFC 4180: NULL is an empty field, an empty text is `""`.
    case csv
    /// An object a line.  Histograms and lists of ids are arrays, flags `true` and `false`.
    case ndjson

    func header(of view: RecordingView) -> String {
        self == .csv ? QueryOutput.csvHeader(view.columns.map(\.name)) : ""
    }

    func line(_ row: [QueryValue], of view: RecordingView, keys: [String], forTerminal: Bool) -> String {
        switch self {
        case .csv: QueryOutput.csv(row, forTerminal: forTerminal)
        case .ndjson:
            "{"
                + zip(keys, zip(view.columns, row)).map { key, value in
                    key + Self.json(value.1, as: value.0.type)
                }.joined(separator: ",") + "}\n"
        }
    }

    private static func json(_ value: QueryValue, as type: RecordingView.ColumnType) -> String {
        switch (type, value) {
        case (.flag, .integer(let number)): number == 0 ? "false" : "true"
        // Only what is an array of numbers goes in as it is: a damaged file holds anything.
        case (.integers, .text(let text)) where text.utf8.allSatisfy(isOfArray): text
        default: QueryOutput.json(value)
        }
    }

    private static func isOfArray(_ byte: UInt8) -> Bool {
        switch UnicodeScalar(byte) {
        case "0"..."9", "-", ",", " ", "[", "]": true
        default: false
        }
    }
}
