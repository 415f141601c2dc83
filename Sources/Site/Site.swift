import Foundation
import Recording

/// Recordings for browsers and programs, to read only: `/` lists them, `/recordings/NAME` is the page of one, `/api/query`
/// answers SQL, `/metrics` is for Prometheus.
public final class Site: Sendable {
    private let access: AccessCheck
    private let catalogue: Catalogue
    private let pages = PageCache()
    private let queries: QueryAnswer
    private let metrics = MetricsAnswer()

    /// - Throws: ``SiteError/notFound(path:)``.
    public init(_ options: SiteOptions) throws(SiteError) {
        access = AccessCheck(options)
        catalogue = try Catalogue(options.path)
        queries = QueryAnswer(options)
    }

    public func answer(_ request: SiteRequest) async -> SiteResponse {
        if let refusal = access.refusal(of: request) { return secured(refusal) }
        guard let parts = request.parts else {
            return secured(.text(400, "This is no address of this site."))
        }
        guard let address = Address(parts) else {
            return secured(.text(404, "There is nothing here; / lists the recordings."))
        }
        let isQuery = address == .query && request.method == "POST"
        guard request.method == "GET" || request.method == "HEAD" || isQuery else {
            return secured(.text(405, "Recordings are only read: use GET."))
        }
        switch address {
        case .list:
            let nonce = Nonce.make()
            return secured(.html(IndexPage.render(catalogue.entries, nonce: nonce)), nonce: nonce)
        case .recording(let name): return await page(name)
        case .query: return secured(await queries.answer(request, catalogue))
        case .metrics: return secured(await metrics.answer(catalogue))
        }
    }

    private enum Address: Equatable {
        case list, query, metrics
        case recording(String)

        init?(_ parts: [String]) {
            switch parts {
            case [""]: self = .list
            case ["api", "query"]: self = .query
            case ["metrics"]: self = .metrics
            default:
                guard parts.count == 2, parts[0] == "recordings" else { return nil }
                self = .recording(parts[1])
            }
        }
    }

    private func page(_ name: String) async -> SiteResponse {
        guard let entry = catalogue.entry(named: name) else {
            return secured(.text(404, "There is no such recording; / lists them."))
        }
        do {
            let page = try await pages.page(entry)
            return secured(.html(page.html), nonce: page.nonce)
        } catch {
            return secured(.text(500, "\(error)"))
        }
    }

    /// - Parameter nonce: of the page's own scripts and style; nil: it has none.
    private func secured(_ response: SiteResponse, nonce: String? = nil) -> SiteResponse {
        var response = response
        let own = nonce.map { "script-src 'nonce-\($0)'; style-src 'nonce-\($0)'; img-src data:; " } ?? ""
        response.headers += [
            (
                "Content-Security-Policy",
                "default-src 'none'; \(own)base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("Cache-Control", "no-store"),
        ]
        return response
    }
}
