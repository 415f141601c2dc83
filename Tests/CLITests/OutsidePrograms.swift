import CommandRunning
import Foundation
import Testing

/// Programs beside this one that some tests need.  `make verify` sets STALLSCOPE_REQUIRE_PROGRAMS=1: then a test runs
/// without them too, and so fails.
enum OutsidePrograms {
    static let isRequired = getenv("STALLSCOPE_REQUIRE_PROGRAMS").map { String(cString: $0) == "1" } ?? false

    static func has(_ names: String...) -> Bool {
        names.allSatisfy { name in
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
                access("\($0)/\(name)", X_OK) == 0
            }
        }
    }

    /// Runs a program that is found in PATH.
    static func run(_ words: [String], environment: [String] = []) throws -> RunningCommand.Result {
        try RunningCommand.run(environment + words, program: "/usr/bin/env")
    }
}

extension Trait where Self == ConditionTrait {
    static func needs(_ programs: String...) -> Self {
        .enabled(
            if: OutsidePrograms.isRequired || programs.allSatisfy { OutsidePrograms.has($0) },
            "needs \(programs.joined(separator: " and ")): scripts/setup verify installs them")
    }

    static var needsServer: Self {
        .enabled(
            if: OutsidePrograms.isRequired || access(RunningCommand.program + "-serve", X_OK) == 0,
            "needs stallscope-serve: make web builds it")
    }
}
