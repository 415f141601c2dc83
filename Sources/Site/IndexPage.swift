import Page
import Recording
import Render

/// The list of a site's recordings.
enum IndexPage {
    static func render(_ entries: [Catalogue.Entry], nonce: String) -> [UInt8] {
        let rows = entries.map(row).joined(separator: "\n")
        let body =
            entries.isEmpty
            ? "<p>There is no recording in this folder yet: <code>stallscope record -o FILE.stall</code> makes one.</p>"
            : """
            <table><caption>Recordings, the newest first</caption>
            <thead><tr><th scope="col">Recording</th><th scope="col">Began</th><th scope="col">Length</th>\
            <th scope="col">Host</th><th scope="col">Recorded with</th><th scope="col">Size</th></tr></thead>
            <tbody>
            \(rows)
            </tbody></table>
            """
        return Array(
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Recordings · Stallscope</title><style nonce="\(nonce)">\(style)</style></head>
            <body><main><h1>Stallscope</h1>
            \(body)
            <p><a href="/metrics">Metrics for Prometheus</a>, of the newest. Queries: <code>/api/query?recording=NAME&amp;sql=SELECT…</code></p>
            </main></body></html>

            """.utf8)
    }

    private static func row(_ entry: Catalogue.Entry) -> String {
        let link =
            "<th scope=\"row\"><a href=\"/recordings/\(AccessCheck.encoded(entry.name))\">\(HTMLText.escaped(entry.name))</a></th>"
        let size = "<td>\(Units.bytes(entry.size))</td>"
        do {
            let recording = try Recording.open(entry.path)
            let header = recording.header
            let last = try recording.lastTickTime() ?? header.started
            let length = Units.duration(last - min(last, header.started))
            return "<tr>\(link)<td>\(WallClock.text(header.started))</td>"
                + "<td>\(length)\(recording.isFinished ? "" : " so far")</td>"
                + "<td>\(HTMLText.escaped(header.host))</td><td><code>\(HTMLText.escaped(header.command))</code></td>\(size)</tr>"
        } catch {
            return "<tr>\(link)<td colspan=\"4\">\(HTMLText.escaped("\(error)"))</td>\(size)</tr>"
        }
    }

    private static let style = """
        :root { color-scheme: light dark; --line: #8884; }
        body { font: 14px/1.5 system-ui, sans-serif; margin: 24px; font-variant-numeric: tabular-nums; }
        main { max-width: 1200px; margin: auto; } h1 { font-size: 20px; }
        table { border-collapse: collapse; width: 100%; } caption { text-align: left; padding-bottom: 6px; }
        th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
        """
}
