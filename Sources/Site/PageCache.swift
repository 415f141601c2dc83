import Foundation
import Page
import Recording
import Synchronization

/// Pages of recordings, made one at a time: each takes a while and memory, and several readers may ask for the same.
final class PageCache: Sendable {
    struct Page: Sendable {
        var html: [UInt8]
        /// Of its style and scripts.
        var nonce: String
    }

    private struct Kept {
        var entry: Catalogue.Entry
        var page: Page
    }

    private let kept = Mutex<[Kept]>([])
    private let work = DispatchQueue(label: "stallscope.pages")
    private static let limit = 4

    /// - Throws: what `ReportPage.render` throws.
    func page(_ entry: Catalogue.Entry) async throws -> Page {
        try await withCheckedThrowingContinuation { continuation in
            work.async { continuation.resume(with: Result { try self.make(entry) }) }
        }
    }

    private func make(_ entry: Catalogue.Entry) throws -> Page {
        if let known = kept.withLock({ $0.first { $0.entry == entry } }) { return known.page }
        let nonce = Nonce.make()
        let html = try ReportPage.render(try Recording.open(entry.path), title: entry.name, nonce: nonce)
        let page = Page(html: html, nonce: nonce)
        kept.withLock { kept in
            kept.removeAll { $0.entry.path == entry.path }
            kept.append(Kept(entry: entry, page: page))
            if kept.count > Self.limit { kept.removeFirst() }
        }
        return page
    }
}

/// What tells a page's own scripts from any that got into it.
enum Nonce {
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(generator.next() as UInt64, radix: 36) }.joined()
    }
}
