import Dispatch
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Site
import Synchronization

/// Serves a ``Site`` over HTTP.
public enum WebServer {
    /// What a request's body may hold, bytes.
    private static let largestBody = 64 << 10

    /// Serves until SIGINT or SIGTERM.
    ///
    /// - Parameter ready: is called with the port once requests are answered.
    /// - Throws: ``SiteError``.
    public static func run(
        _ options: SiteOptions, logger: Logger, ready: @escaping @Sendable (Int) -> Void
    ) throws {
        let site = try Site(options)
        let application = Application(
            responder: SiteResponder(site: site),
            configuration: ApplicationConfiguration(
                address: .hostname(options.listen.host, port: Int(options.listen.port)), serverName: nil),
            onServerRunning: { channel in ready(channel.localAddress?.port ?? Int(options.listen.port)) },
            logger: logger)
        let outcome = Mutex<(any Error)?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            do { try await application.runService() } catch {
                outcome.withLock { $0 = error }
            }
            done.signal()
        }
        done.wait()
        if let error = outcome.withLock({ $0 }) {
            throw SiteError.cannotListen(address: options.listen.text, reason: "\(error)")
        }
    }

    fileprivate static func answer(_ request: Request, _ site: Site) async -> Response {
        var body: [UInt8] = []
        if request.method == .post {
            do { body = Array(buffer: try await request.body.collect(upTo: largestBody)) } catch {
                return Response(status: .contentTooLarge)
            }
        }
        let uri = request.uri
        var query: [String: String] = [:]
        for (name, value) in uri.queryParameters { query[String(name)] = String(value) }
        let answer = await site.answer(
            SiteRequest(
                method: request.method.rawValue, path: uri.path, query: query, host: request.head.authority,
                authorization: request.headers[.authorization], cookies: request.headers[.cookie],
                fetchSite: HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] }, body: body))
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        let response = Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
        return request.method == .head ? response.createHeadResponse() : response
    }
}

private struct SiteResponder: HTTPResponder {
    let site: Site

    func respond(to request: Request, context: BasicRequestContext) async -> Response {
        await WebServer.answer(request, site)
    }
}
