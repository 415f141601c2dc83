import Foundation
import Testing

/// The input of a program that a recorder has started and that waits for a byte, so that a test can begin to watch it
/// first.
final class HeldInput {
    /// The FIFO that is its standard input.
    let input: String
    private let output: URL
    private let descriptor: Int32

    /// - Parameter output: where it says that it has started.
    init(output: URL) throws {
        self.output = output
        input = output.path + ".in"
        try #require(mkfifo(input, 0o600) == 0)
        // For both directions, or it would have to wait for the program.
        descriptor = open(input, O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0)
    }

    deinit {
        close(descriptor)
        unlink(input)
    }

    func waitForStart() throws {
        for _ in 0..<1000 {
            if try Data(contentsOf: output).contains(UInt8(ascii: "\n")) { return }
            usleep(10_000)
        }
        Issue.record("the program did not start")
    }

    func release() throws { try #require(write(descriptor, "x", 1) == 1) }
}
