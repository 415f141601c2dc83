import Compression
import Foundation
import Recording

/// A recording as one HTML file that needs nothing else: no network, no server, no other file.
public enum ReportPage {
    /// - Parameters:
    ///   - title: how the page calls the recording.
    ///   - nonce: of the page's scripts and style, where a server's policy admits only such; nil: no such thing.
    /// - Returns: UTF-8.
    /// - Throws: `RecordingError`, ``PageError``.
    public static func render(
        _ recording: Recording, title: String, nonce: String? = nil
    ) throws -> [UInt8] {
        let source = try PageSource(recording)
        let plain = try PageData(source, title: title).bytes()
        let data: [UInt8]
        do { data = try Gzip.compress(plain) } catch { throw PageError.compression(error) }
        let summary = source.diagnosis?.findings.summary ?? source.noDiagnosis ?? ""
        return Template.page([
            "title": HTMLText.escaped(title), "summary": HTMLText.escaped(summary),
            "nonce": nonce.map { " nonce=\"\(HTMLText.escaped($0))\"" } ?? "",
            "style": Template.text(of: PackageResources.style_css),
            "script": Template.script, "data": Data(data).base64EncodedString(),
        ])
    }

    /// Writes the page; an existing file is replaced.
    ///
    /// - Parameter title: how the page calls the recording; nil: by its file's name.
    /// - Throws: ``PageError/cannotWrite(path:reason:)`` beside what ``render(_:title:nonce:)`` throws.
    public static func write(_ recording: Recording, to path: String, title: String? = nil) throws {
        let name = URL(fileURLWithPath: recording.path).lastPathComponent
        let page = try render(recording, title: title ?? name)
        do { try Data(page).write(to: URL(fileURLWithPath: path)) } catch {
            throw PageError.cannotWrite(path: path, reason: error.localizedDescription)
        }
    }
}

/// Text within HTML.
public enum HTMLText {
    /// For contents of elements and for values of attributes in quotes.
    public static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // Control characters have no place in HTML.
            case _ where scalar.value < 32 && scalar != "\n" && scalar != "\t": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
