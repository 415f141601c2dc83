import Foundation
import Recording
import Render

/// Answers of `/api/query`: a query's rows as JSON, within limits of time and size.
final class QueryAnswer: Sendable {
    private let options: SiteOptions
    private let work: OperationQueue

    /// An answer holds no more than that, bytes.
    private static let largest = 16 << 20
    /// Of SQLite, for all queries and pages together, bytes.
    private static let mostMemory: Int64 = 512 << 20

    init(_ options: SiteOptions) {
        self.options = options
        work = OperationQueue()
        Recording.limitMemory(Self.mostMemory)
        // Whoever asks for more has to wait: the host has other things to do.
        work.maxConcurrentOperationCount = 2
    }

    private struct Asked: Decodable {
        var recording: String?
        var sql: String
    }

    func answer(_ request: SiteRequest, _ catalogue: Catalogue) async -> SiteResponse {
        let asked: Asked
        if request.method == "POST" {
            guard let body = try? JSONDecoder().decode(Asked.self, from: Data(request.body)) else {
                return Self.error(
                    400, "The body must be JSON like {\"recording\": \"app.stall\", \"sql\": \"SELECT ...\"}."
                )
            }
            asked = body
        } else {
            guard let sql = request.query["sql"] else {
                return Self.error(
                    400, "Give ?recording=NAME&sql=SELECT..., or POST {\"recording\", \"sql\"}.")
            }
            asked = Asked(recording: request.query["recording"], sql: sql)
        }
        let found = asked.recording.map { catalogue.entry(named: $0) } ?? catalogue.entries.first
        guard let entry = found else { return Self.error(404, "There is no such recording.") }
        return await withCheckedContinuation { continuation in
            work.addOperation { continuation.resume(returning: self.run(asked.sql, entry)) }
        }
    }

    private func run(_ sql: String, _ entry: Catalogue.Entry) -> SiteResponse {
        var keys: [String] = []
        var rows: [String] = []
        var size = 0
        do {
            let limits = QueryLimits(rows: options.queryRows, seconds: options.querySeconds)
            let isWhole = try Recording.open(entry.path).query(sql, within: limits) {
                keys = QueryOutput.jsonKeys($0)
            } row: { row in
                let text = QueryOutput.json(row, keys: keys)
                size += text.utf8.count
                rows.append(text)
                return size < Self.largest
            }
            return .json(
                200, "{\"rows\":[\(rows.joined(separator: ",\n"))],\n\"truncated\":\(!isWhole)}\n")
        } catch RecordingError.queryTooLong(let seconds) {
            return Self.error(503, "\(RecordingError.queryTooLong(seconds: seconds))")
        } catch {
            return Self.error(400, "\(error)")
        }
    }

    private static func error(_ status: Int, _ text: String) -> SiteResponse {
        .json(status, "{\"error\":\(QueryOutput.jsonText(text))}\n")
    }
}
