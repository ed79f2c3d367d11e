// swift-tools-version: 6.2
import PackageDescription

/// One list for every target, so that no room has rules of its own.
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// For targets that touch no C: a pointer that escapes upwards then fails the build.
let houseWithoutC: [SwiftSetting] = house + [.strictMemorySafety()]

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "TaskQueue",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "TaskQueue", targets: ["TaskQueue"]),
        .library(name: "Embedded", targets: ["Embedded"]),
        .library(name: "Broker", targets: ["Broker", "Redis"]),
        .library(name: "HTTPGateway", targets: ["HTTPGateway"]),
        .library(name: "Results", targets: ["Results", "Postgres"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // YAML is a trait of its own there; without it a configuration file could only be JSON.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // Its one trait brings Foundation's types, which nobody here passes to it.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .target(name: "Blocking", swiftSettings: houseWithoutC),
        .target(
            name: "TaskQueue",
            dependencies: [
                "Blocking", log, metrics, tracing, lifecycle,
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: houseWithoutC),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .target(
            name: "Redis",
            dependencies: [
                "CHiredis", log, nioCore, nioPosix,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: house),
        .target(
            name: "Broker",
            dependencies: ["TaskQueue", "Redis", log],
            // Compiled in, so that a program is one file.
            resources: [.embedInCode("Scripts")],
            swiftSettings: houseWithoutC),
        .target(name: "CLibPQ", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(name: "Postgres", dependencies: ["CLibPQ", "Blocking", log], swiftSettings: house),
        .target(
            name: "Results",
            dependencies: ["TaskQueue", "Postgres", "Blocking", log],
            // Compiled in, so that a program is one file.
            resources: [.embedInCode("Migrations")],
            swiftSettings: houseWithoutC),
        .target(
            name: "Embedded",
            dependencies: ["TaskQueue", "Blocking", grdb, log],
            swiftSettings: house),
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
        .systemLibrary(name: "CTurboJPEG", providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
        .systemLibrary(name: "CLibPNG", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .systemLibrary(name: "CLibWebP", providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
        // Loops compiled once for each vector width, which Swift cannot do.
        .target(name: "CKernels"),
        .target(
            name: "Inference",
            dependencies: [
                "CKernels", "COpenBLAS", "CTurboJPEG", "CLibPNG", "CLibWebP",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: house),
        .target(
            name: "Tasks",
            dependencies: [
                "TaskQueue", "Inference", "Blocking", "Postgres", grdb, log, metrics,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            resources: [.embedInCode("Sensors/Migrations")],
            swiftSettings: house),
        .target(
            name: "Monitoring",
            dependencies: [
                "TaskQueue", "Blocking", log, metrics, lifecycle, nioCore, nioPosix,
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: houseWithoutC),
        .target(
            name: "Fleet",
            dependencies: [
                "TaskQueue", "Blocking", log, lifecycle,
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: houseWithoutC),
        .target(
            name: "Assembly",
            dependencies: [
                "TaskQueue", "Blocking", "Embedded", "Broker", "Redis", "Results", "Postgres", "Tasks", "Inference",
                "Fleet", "Monitoring", "OTLP", arguments, log, metrics, tracing, lifecycle,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ],
            resources: [.embedInCode("InputSchemas")],
            swiftSettings: houseWithoutC),
        .target(
            name: "HTTPGateway",
            dependencies: [
                "TaskQueue", "Blocking", log, metrics, tracing, lifecycle, nioCore,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            // Compiled in, so that a program is one file.
            resources: [
                .embedInCode("Dashboard/dashboard.html"), .embedInCode("Dashboard/dashboard.css"),
                .embedInCode("Dashboard/dashboard.js"), .embedInCode("OpenAPI/openapi.json"),
            ],
            swiftSettings: houseWithoutC),
        .target(
            name: "OTLP",
            dependencies: [
                "TaskQueue", "Blocking", log, tracing, lifecycle, nioCore,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: houseWithoutC),
        .executableTarget(
            name: "gateway",
            dependencies: [
                "Assembly", "Blocking", "Broker", "Fleet", "HTTPGateway", "Inference", "Monitoring", "TaskQueue",
                "Tasks",
                arguments, log, lifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: houseWithoutC),
        .executableTarget(
            name: "worker",
            dependencies: [
                "Assembly", "Blocking", "Fleet", "Monitoring", "TaskQueue", "Tasks", arguments, log, lifecycle,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            swiftSettings: houseWithoutC),
        .executableTarget(
            name: "enqueue", dependencies: ["Assembly", "TaskQueue", arguments], swiftSettings: houseWithoutC),
        .executableTarget(
            name: "queuectl",
            dependencies: ["Assembly", "Fleet", "HTTPGateway", "Inference", "TaskQueue", arguments, log],
            swiftSettings: houseWithoutC),
        .target(
            name: "TestSupport",
            dependencies: [
                "TaskQueue", "Embedded", "Broker", "Redis", "Results", "Postgres", log, nioCore, nioPosix,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Tests/TestSupport",
            swiftSettings: house),
        .testTarget(
            name: "EndToEndTests",
            // The programs are dependencies so that they are built before the tests run them.
            dependencies: [
                "TaskQueue", "Embedded", "TestSupport", "worker", "enqueue", "queuectl", "gateway", log, nioCore,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: house),
        .target(
            name: "FleetSimulation", dependencies: ["Fleet"], path: "Tests/FleetSimulation",
            swiftSettings: houseWithoutC),
        .executableTarget(
            name: "simulate-fleet", dependencies: ["Fleet", "FleetSimulation"], path: "Tests/SimulateFleet",
            swiftSettings: houseWithoutC),
        .testTarget(
            name: "FleetTests", dependencies: ["Fleet", "FleetSimulation", "TaskQueue"], swiftSettings: houseWithoutC),
        .testTarget(
            name: "HTTPGatewayTests",
            dependencies: [
                "HTTPGateway", "TaskQueue", "Broker", "TestSupport", log, lifecycle,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: house),
        .testTarget(
            name: "OTLPTests",
            dependencies: [
                "OTLP", "TaskQueue", "TestSupport", tracing, lifecycle,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            swiftSettings: houseWithoutC),
        .testTarget(
            name: "TaskQueueTests",
            dependencies: [
                "TaskQueue", "Blocking", "TestSupport", log, metrics, tracing,
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            swiftSettings: houseWithoutC),
        .testTarget(
            name: "TasksTests",
            dependencies: [
                "Tasks", "TaskQueue", "Blocking", "Inference", "Postgres", "TestSupport", log,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            swiftSettings: house),
        .testTarget(
            name: "EmbeddedTests", dependencies: ["Embedded", "TaskQueue", "TestSupport", grdb, log],
            swiftSettings: house),
        .testTarget(
            name: "AssemblyTests",
            dependencies: ["Assembly", "Fleet", "Inference", "TaskQueue", "TestSupport", arguments, log],
            swiftSettings: houseWithoutC),
        .testTarget(
            name: "MonitoringTests",
            dependencies: [
                "Monitoring", "TaskQueue", "Blocking", "TestSupport", log, lifecycle,
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: house),
        .testTarget(
            name: "InferenceTests", dependencies: ["Inference", "CKernels"],
            // Read by path: golden answers of ONNX Runtime and Pillow, and what made them.
            exclude: ["Fixtures"], swiftSettings: house),
        .testTarget(
            name: "RedisTests", dependencies: ["Redis", "TestSupport", log, nioCore], swiftSettings: house),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport", log], swiftSettings: house),
        .testTarget(
            name: "ResultsTests",
            dependencies: ["Results", "Postgres", "Broker", "Redis", "TaskQueue", "TestSupport", log, nioCore],
            swiftSettings: house),
        .executableTarget(
            name: "drill-worker", dependencies: ["Assembly", "Fleet", "TaskQueue", arguments],
            path: "Tests/DrillWorker",
            swiftSettings: house),
        .testTarget(
            name: "BrokerTests",
            // The programs are dependencies so that they are built before the tests run them.
            dependencies: [
                "Broker", "Redis", "TaskQueue", "TestSupport", log, "drill-worker", "enqueue",
            ],
            swiftSettings: house),
        .testTarget(
            name: "FleetDrillTests",
            // The programs are dependencies so that they are built before the tests run them.
            dependencies: ["Broker", "Redis", "TaskQueue", "TestSupport", log, "drill-worker", "worker"],
            swiftSettings: house),
        .testTarget(
            name: "BrokerContractTests", dependencies: ["TaskQueue", "TestSupport"], swiftSettings: houseWithoutC),
    ],
    swiftLanguageModes: [.v6]
)
