// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who uses TaskQueue builds its benchmarks.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "TaskQueue", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        // Not used here; without it the dependency that a trait of swift-configuration adds is not resolved.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .executableTarget(
            name: "TaskQueueBenchmarks",
            dependencies: [
                .product(name: "TaskQueue", package: "TaskQueue"),
                .product(name: "Embedded", package: "TaskQueue"),
                .product(name: "Broker", package: "TaskQueue"),
                .product(name: "Results", package: "TaskQueue"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
