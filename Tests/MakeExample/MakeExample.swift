import ExampleRecording
import Foundation

/// `MakeExample FILE [--stacks]` writes the example recording, for tests in other languages.
@main
enum MakeExample {
    static func main() throws {
        let words = CommandLine.arguments.dropFirst()
        guard let path = words.first else {
            FileHandle.standardError.write(Data("usage: MakeExample FILE [--stacks]\n".utf8))
            exit(2)
        }
        try ExampleRecording.write(to: path, stacks: words.contains("--stacks"))
    }
}
