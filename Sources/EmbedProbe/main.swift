// Compiles one BPF program and writes it as Swift source.
//
//     EmbedProbe CLANG SOURCE OUTPUT NAME [INCLUDE-DIR]...
//
// The object goes into the source as a base64 string literal: an array literal of this size would take the
// compiler a quarter of a minute.

import Foundation

struct Failure: Error, CustomStringConvertible {
    var description: String
}

func run(_ tool: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw Failure(description: "\(tool) failed with status \(process.terminationStatus)")
    }
}

func embed() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.count >= 4 else {
        throw Failure(description: "usage: EmbedProbe CLANG SOURCE OUTPUT NAME [INCLUDE-DIR]...")
    }
    let clang = arguments[1]
    let source = arguments[2]
    let output = arguments[3]
    let name = arguments[4]
    let object = output + ".o"
    // Debian keeps the kernel's architecture headers apart; libbpf's helpers include <linux/types.h> not at all,
    // because core.bpf.h comes first.
    let includes = arguments.dropFirst(4).flatMap { ["-I", $0] }
    try run(
        clang,
        ["-target", "bpf", "-mcpu=v3", "-O2", "-g", "-Wall", "-Werror", "-D__bpf__"] + includes
            + ["-c", source, "-o", object])
    let stripper = URL(fileURLWithPath: clang).deletingLastPathComponent().appendingPathComponent(
        "llvm-objcopy")
    if FileManager.default.isExecutableFile(atPath: stripper.path) {
        // Keeps .BTF, which the kernel needs, and drops DWARF, which it does not.
        try run(stripper.path, ["--strip-debug", object])
    }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: object))
    let text = """
        // Made by EmbedProbe.
        enum \(name) {
            static let base64: StaticString = "\(bytes.base64EncodedString())"
        }

        """
    try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
    try FileManager.default.removeItem(atPath: object)
}

do {
    try embed()
} catch {
    FileHandle.standardError.write(Data("error: EmbedProbe: \(error)\n".utf8))
    exit(1)
}
