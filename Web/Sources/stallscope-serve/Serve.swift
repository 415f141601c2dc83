import ArgumentParser
import Glibc
import Logging
import Site
import Web

/// `stallscope-serve`, which `stallscope serve` runs.
@main
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stallscope serve",
        abstract: "Serves recordings to browsers, and metrics to Prometheus; to read only.",
        discussion: """
            Lists the recordings of a folder, shows each as the page that `report --html`
            writes, answers SQL under /api/query, and has metrics of the newest recording
            under /metrics.  A recording may still be growing.

            Another address than 127.0.0.1 needs a token, which readers give once as
            ?token=..., or as Authorization: Bearer.  STALLSCOPE_TOKEN keeps it out of the
            list of processes.

            EXAMPLES:
              stallscope serve app.stall
              stallscope serve /var/lib/stallscope
              STALLSCOPE_TOKEN=$(openssl rand -hex 16) stallscope serve . --listen 0.0.0.0:7878
            """)

    @Argument(help: "A recording, or a folder of recordings.")
    var path: String

    @Option(help: ArgumentHelp("Where to listen.", valueName: "address:port"))
    var listen = "127.0.0.1:7878"

    @Option(help: "What readers must know.  Better as STALLSCOPE_TOKEN in the environment.")
    var token: String?

    @Option(help: ArgumentHelp("A name by which the site is called, beside its address.", valueName: "name"))
    var host: [String] = []

    @Option(help: "How much to log: trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .notice

    func run() throws {
        guard let address = ListenAddress(listen) else {
            throw ValidationError(
                "--listen \(listen) is no address with a port: give 127.0.0.1:7878 or [::1]:7878.")
        }
        let secret = token ?? getenv("STALLSCOPE_TOKEN").map { String(cString: $0) }
        let options = try SiteOptions(path: path, listen: address, token: secret, hosts: host)
        var logger = Logger(label: "stallscope") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        try WebServer.run(options, logger: logger) { port in
            var bound = address
            bound.port = UInt16(clamping: port)
            // At once, also into a pipe: whoever started it waits for this.
            print("Serving \(path) on http://\(bound.text)/")
            fflush(nil)
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
