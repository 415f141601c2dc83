// swift-tools-version: 6.2
import PackageDescription

// Dependencies point one way: stallscope -> Render -> Recording -> Model, and
// stallscope -> Collector -> Probes -> BPF -> CLibbpf.  docs/architecture.md has the picture.
let package = Package(
    name: "stallscope",
    products: [
        .executable(name: "stallscope", targets: ["stallscope"]),
        .library(name: "Recording", targets: ["Recording"]),
        // For the package in Web/.
        .library(name: "Site", targets: ["Site"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Only for `make docs`.
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        // The kernel boundary.
        .systemLibrary(
            name: "CLibbpf", pkgConfig: "libbpf",
            providers: [.apt(["libbpf-dev", "libelf-dev", "pkg-config"])]),
        .systemLibrary(name: "ProbeRecords"),
        .target(
            name: "BPF",
            dependencies: ["CLibbpf", .product(name: "SystemPackage", package: "swift-system")]),
        .executableTarget(name: "EmbedProbe", dependencies: []),
        .plugin(name: "CompileProbes", capability: .buildTool(), dependencies: ["EmbedProbe"]),
        .target(
            name: "Probes",
            dependencies: ["BPF", "Model", "ProbeRecords"],
            exclude: ["Kernel"],
            plugins: ["CompileProbes"]),

        // Symbols of other programs, read with the same library that libbpf needs, and its companion for lines.
        .systemLibrary(
            name: "CElf", pkgConfig: "libdw", providers: [.apt(["libdw-dev", "libelf-dev", "pkg-config"])]),

        // A system call that the C library does not know yet.
        .systemLibrary(name: "CPageCache"),

        // Giving up privileges.
        .systemLibrary(name: "CCapability", providers: [.apt(["libcap-dev"])]),

        // Plain values, and the readers of what the kernel says in text.
        .target(name: "Model"),
        .target(
            name: "ProcFS",
            dependencies: [
                "CElf", "CPageCache", "Model", .product(name: "SystemPackage", package: "swift-system"),
            ]),

        // What the kernel says over netlink.
        .target(
            name: "Netlink",
            dependencies: ["Model", .product(name: "SystemPackage", package: "swift-system")]),

        // From what threads waited for to why: pure functions, without a recording or a kernel.
        .target(name: "Diagnosis", dependencies: ["Model"]),

        // From the probes to the file, and from the file to people.
        .target(
            name: "Recording",
            dependencies: [
                "Model", "Diagnosis",
                .product(name: "GRDB", package: "GRDB.swift"),
                // For binding values to prepared statements without a copy of each row.
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .target(
            name: "Collector",
            dependencies: [
                "BPF", "Probes", "ProcFS", "Netlink", "Model",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(name: "Doctor", dependencies: ["BPF", "Probes", "ProcFS", "Netlink", "Model"]),
        .target(name: "Render", dependencies: ["Model", "Recording", "Diagnosis"]),
        // The screen of `top`: state and layout are pure, and a thin driver shows them.
        .target(name: "TUI", dependencies: ["Model", "Recording", "Diagnosis", "Render"]),

        // From the file to other programs.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "Compression", dependencies: ["CZlib"]),
        .target(name: "Export", dependencies: ["Compression", "Model", "Recording", "Render"]),

        // The report as a web page: template, style and scripts are part of the program.
        .target(
            name: "Page", dependencies: ["Compression", "Model", "Recording", "Diagnosis", "Render"],
            resources: [.embedInCode("Resources")]),

        // Recordings over HTTP: what is answered; the server is a package of its own, Web/.
        .target(name: "Site", dependencies: ["Page", "Render", "Recording", "Model"]),
        .executableTarget(
            name: "stallscope",
            dependencies: [
                "Collector", "Doctor", "Render", "TUI", "Export", "Page", "Recording",
                "Diagnosis", "ProcFS", "Model", "CCapability",
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        .testTarget(name: "ModelTests", dependencies: ["Model"]),
        .testTarget(name: "DiagnosisTests", dependencies: ["Diagnosis", "Model"]),
        .testTarget(name: "ProcFSTests", dependencies: ["ProcFS"]),
        .testTarget(name: "NetlinkTests", dependencies: ["Netlink", "Model"]),
        .testTarget(
            name: "RecordingTests", dependencies: ["Recording", "Diagnosis", "ExampleRecording", "Examples"]),
        .testTarget(name: "RenderTests", dependencies: ["Render", "Recording", "Diagnosis", "Model"]),
        .testTarget(name: "TUITests", dependencies: ["TUI", "Recording", "Render", "Model"]),
        // What the documentation of Recording shows.
        .target(name: "Examples", dependencies: ["Recording", "Model"], path: "Examples"),
        // A recording whose numbers are known, and a program that makes it for tests that are not in Swift.
        .target(
            name: "ExampleRecording", dependencies: ["Recording", "Model"], path: "Tests/ExampleRecording"),
        .executableTarget(
            name: "MakeExample", dependencies: ["ExampleRecording"], path: "Tests/MakeExample"),
        .testTarget(
            name: "ExportTests",
            dependencies: ["Compression", "Export", "ExampleRecording", "Recording", "Model"]),
        .testTarget(name: "PageTests", dependencies: ["Page", "Recording", "Diagnosis", "Model"]),
        .testTarget(name: "SiteTests", dependencies: ["Site", "Recording", "ExampleRecording", "Model"]),
        .testTarget(
            name: "BPFTests",
            dependencies: ["BPF", .product(name: "SystemPackage", package: "swift-system")]),
        .testTarget(
            name: "CollectorTests",
            dependencies: ["ProcFS", "Collector", "Probes", "ProbeRecords", "Netlink", "Model"]),
        .testTarget(name: "DoctorTests", dependencies: ["Doctor", "ProcFS", "Model"]),
        // Starts the built program as a user does.
        .target(name: "CommandRunning", path: "Tests/CommandRunning"),
        .testTarget(
            name: "CLITests",
            dependencies: ["stallscope", "CommandRunning", "ExampleRecording", "Recording", "Model"]),
        .testTarget(
            name: "KernelTests",
            dependencies: [
                "Collector", "Recording", "Diagnosis", "BPF", "Probes", "ProcFS", "Model", "CommandRunning",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// Our own targets with warnings as errors; those of the dependencies are not ours to mend.
for target in package.targets where target.type != .system && target.type != .plugin {
    target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
}

// What `make fuzz` builds, by itself and with the sanitizers: libFuzzer has the main function.
if Context.environment["STALLSCOPE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz", dependencies: ["Netlink", "ProcFS", "Probes", "Recording"], path: "Tests/Fuzz",
            exclude: ["corpus"], swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}
