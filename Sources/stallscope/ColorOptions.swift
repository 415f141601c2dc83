import ArgumentParser
import Foundation

/// Whether colours are used.
struct ColorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Colours: auto (on a terminal, unless NO_COLOR is set), always, or never.", valueName: "when"))
    var color = ColorChoice.auto

    /// What the command line says, for sentences that are printed when it could not be understood.
    static func forErrors(_ arguments: [String] = CommandLine.arguments) -> ColorOptions {
        var options = ColorOptions()
        options.color = .auto
        for (index, argument) in arguments.enumerated() {
            let following = index + 1 < arguments.count ? arguments[index + 1] : ""
            let value = argument == "--color" ? following : String(argument.trimmingPrefix("--color="))
            if argument.hasPrefix("--color"), let choice = ColorChoice(rawValue: value) {
                options.color = choice
            }
        }
        return options
    }

    /// - Parameter isTerminal: whether the output goes to a terminal.
    func areUsed(
        isTerminal: Bool, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Bool {
        switch color {
        case .always: true
        case .never: false
        case .auto:
            isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        }
    }
}

enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
}
