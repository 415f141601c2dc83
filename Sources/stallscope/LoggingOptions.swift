import ArgumentParser
import Logging

/// How much is logged, to stderr.
struct LoggingOptions: ParsableArguments {
    @Option(help: "How much to log: trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .notice

    func logger() -> Logger {
        var logger = Logger(label: "stallscope") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        return logger
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
