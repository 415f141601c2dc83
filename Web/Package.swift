// swift-tools-version: 6.2
import PackageDescription

// What `stallscope serve` runs. A package of its own, so that whoever builds or tests stallscope need not build an
// HTTP server, which takes longer than all the rest.
let package = Package(
    name: "stallscope-web",
    products: [.executable(name: "stallscope-serve", targets: ["stallscope-serve"])],
    dependencies: [
        .package(name: "stallscope", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    ],
    targets: [
        .target(
            name: "Web",
            dependencies: [
                .product(name: "Site", package: "stallscope"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: [.treatAllWarnings(as: .error)]),
        .executableTarget(
            name: "stallscope-serve",
            dependencies: [
                "Web", .product(name: "Site", package: "stallscope"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: [.treatAllWarnings(as: .error)]),
    ],
    swiftLanguageModes: [.v6]
)
