import Foundation
import PackagePlugin

/// Compiles `Kernel/*.bpf.c` of a target with the toolchain's own clang and embeds the objects in it.
@main
struct CompileProbes: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
        let kernel = target.directoryURL.appending(path: "Kernel")
        let records = target.directoryURL.deletingLastPathComponent().appending(path: "ProbeRecords")
        let clang = try findClang()
        let embed = try context.tool(named: "EmbedProbe").url
        let files = try contents(of: kernel)
        let headers = try (files + contents(of: records)).filter { $0.pathExtension == "h" }
        return files.filter { $0.lastPathComponent.hasSuffix(".bpf.c") }.map { source in
            let stem = source.lastPathComponent.replacingOccurrences(of: ".bpf.c", with: "")
            let name = stem.prefix(1).uppercased() + stem.dropFirst() + "Object"
            let output = context.pluginWorkDirectoryURL.appending(path: "\(name).swift")
            return .buildCommand(
                displayName: "Compiling \(source.lastPathComponent) for the kernel",
                executable: embed,
                arguments: [clang.path, source.path, output.path, name, kernel.path, records.path],
                inputFiles: [source] + headers,
                outputFiles: [output])
        }
    }

    private func contents(of folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
    }

    /// `STALLSCOPE_CLANG`, or the first clang in PATH: with a Swift toolchain, that is its own.
    private func findClang() throws -> URL {
        let environment = ProcessInfo.processInfo.environment
        if let chosen = environment["STALLSCOPE_CLANG"] { return URL(fileURLWithPath: chosen) }
        for folder in (environment["PATH"] ?? "").split(separator: ":") {
            // The compilers beside `swift` know the BPF target.
            let swift = URL(fileURLWithPath: String(folder)).appending(path: "swift")
                .resolvingSymlinksInPath()
            let clang = swift.deletingLastPathComponent().appending(path: "clang")
            if FileManager.default.isExecutableFile(atPath: clang.path) { return clang }
        }
        throw Missing()
    }

    private struct Missing: Error, CustomStringConvertible {
        var description: String {
            "No clang beside a `swift` in PATH. Set STALLSCOPE_CLANG to a clang with the BPF target."
        }
    }
}
