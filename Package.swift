// swift-tools-version: 6.2
import PackageDescription

/// Set by `make` and CI; for users of the package warnings stay warnings.
let strict = Context.environment["SWIFTLET_STRICT"] == "1"
/// Set by `make docs`, so that nothing else fetches the documentation plugin.
let buildsDocumentation = Context.environment["SWIFTLET_DOCS"] == "1"

let swift: [SwiftSetting] =
    [.enableUpcomingFeature("ExistentialAny")]
    + (strict ? [.treatAllWarnings(as: .error)] : [])
/// For readers of untrusted bytes: every unsafe construct is marked in the source.
let safeSwift: [SwiftSetting] = swift + [.strictMemorySafety()]
let c: [CSetting] = strict ? [.treatAllWarnings(as: .error)] : []
let cxx: [CXXSetting] = strict ? [.treatAllWarnings(as: .error)] : []

/// One library product per layer, so that an application takes only what it needs.
let layers = [
    "SwiftletBytes", "SwiftletSafetensors", "SwiftletTorchArchive", "SwiftletHDF5",
    "SwiftletHDF5Library", "SwiftletGGUF", "SwiftletCheckpoint", "SwiftletText",
    "SwiftletSentencePiece", "SwiftletReports",
    "SwiftletCompute", "SwiftletLM", "SwiftletTuning", "SwiftletTasks", "SwiftletWeakToStrong",
    "Swiftlet",
]

/// The families whose name maps are embedded in the code.
let families = ["gpt2", "gpt_neox", "llama", "opt", "qwen", "qwen2", "qwen3"]

/// Elementary functions: exp, log, pow, cos, sin.
let realModule: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")

let package = Package(
    name: "swiftlet",
    platforms: [.macOS(.v15)],
    products: layers.map { .library(name: $0, targets: [$0]) }
        + [.executable(name: "swiftlet", targets: ["SwiftletMain"])],
    traits: [
        .trait(
            name: "CommandLine",
            description: "The swiftlet command, with the packages that no library needs."),
        .default(enabledTraits: ["CommandLine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ]
        + (buildsDocumentation
            ? [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]
            : []),
    targets: [
        // C: SIMD loops and interfaces to system libraries.
        .target(name: "CSwiftletKernels", cSettings: c),
        .target(name: "CSwiftletUnicode", cSettings: c),
        .target(
            name: "CSwiftletLoader", cSettings: c,
            linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(name: "CSwiftletOnig", dependencies: ["CSwiftletLoader"], cSettings: c),
        .target(name: "CSwiftletHDF5", dependencies: ["CSwiftletLoader"], cSettings: c),
        .target(name: "CSwiftletBLAS", dependencies: ["CSwiftletLoader"], cSettings: c),

        // The C library under one name, and the calls that differ between systems.
        .target(name: "SwiftletLibc", swiftSettings: swift),
        .target(name: "CSwiftletSystem", cSettings: c),
        .target(name: "CSwiftletMemory", dependencies: ["CSwiftletSystem"], cSettings: c),

        // Bytes and file formats.
        .target(
            name: "SwiftletBytes", dependencies: ["SwiftletLibc", "CSwiftletSystem"],
            swiftSettings: safeSwift + [.enableExperimentalFeature("Lifetimes")]),
        .target(
            name: "SwiftletSafetensors", dependencies: ["SwiftletBytes"],
            swiftSettings: safeSwift),
        .target(
            name: "SwiftletTorchArchive", dependencies: ["SwiftletBytes"],
            swiftSettings: safeSwift),
        .target(name: "SwiftletHDF5", dependencies: ["SwiftletBytes"], swiftSettings: safeSwift),
        .target(
            name: "SwiftletHDF5Library", dependencies: ["SwiftletBytes", "CSwiftletHDF5"],
            swiftSettings: swift),
        .target(
            name: "SwiftletGGUF", dependencies: ["SwiftletBytes", "CSwiftletKernels"],
            swiftSettings: safeSwift),

        .target(name: "CSwiftletCrypto", dependencies: ["CSwiftletLoader"], cSettings: c),
        .target(
            name: "SwiftletDigests",
            dependencies: ["SwiftletBytes", "CSwiftletCrypto", "CSwiftletLoader"],
            swiftSettings: safeSwift),

        // Checkpoints: tensor names as data, one interface to every format.
        .target(
            name: "SwiftletNames", path: "formats/names",
            resources: (families + ["common_keys"]).map { .embedInCode("\($0).json") },
            swiftSettings: swift),
        .target(
            name: "SwiftletCheckpoint",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletTorchArchive", "SwiftletHDF5",
                "SwiftletHDF5Library", "SwiftletGGUF", "SwiftletNames", "CSwiftletKernels",
                "SwiftletLibc",
            ],
            swiftSettings: swift),

        // Text.
        .target(
            name: "SwiftletText",
            dependencies: [
                "SwiftletBytes", "SwiftletGGUF", "CSwiftletUnicode", "CSwiftletOnig",
            ],
            swiftSettings: swift),

        .systemLibrary(
            name: "CSentencePiece", pkgConfig: "sentencepiece",
            providers: [.apt(["libsentencepiece-dev"]), .brew(["sentencepiece"])]),
        .target(
            name: "CSwiftletSentencePiece", dependencies: ["CSentencePiece"], cxxSettings: cxx),
        .target(
            name: "SwiftletSentencePiece",
            dependencies: ["SwiftletBytes", "SwiftletText", "CSwiftletSentencePiece"],
            swiftSettings: swift),

        // Pages, drawings and numbers for people.
        .target(
            name: "SwiftletReports", dependencies: ["SwiftletBytes", "SwiftletText", realModule],
            swiftSettings: swift),

        // Compute, models, training.
        .target(
            name: "SwiftletCompute",
            dependencies: [
                "SwiftletBytes", "SwiftletLibc", "CSwiftletKernels", "CSwiftletBLAS",
                "CSwiftletLoader", realModule,
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: swift),
        .target(
            name: "SwiftletLM",
            dependencies: [
                "SwiftletBytes", "SwiftletCheckpoint", "SwiftletText", "SwiftletCompute",
                realModule,
            ],
            swiftSettings: swift),
        .target(
            name: "SwiftletTuning",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletCheckpoint", "SwiftletText",
                "SwiftletCompute", "SwiftletLM", realModule,
            ],
            swiftSettings: swift),

        // Tasks, and the method.
        .target(
            name: "SwiftletTasks", dependencies: ["SwiftletBytes", "SwiftletText", realModule],
            swiftSettings: swift),
        .target(
            name: "SwiftletWeakToStrong",
            dependencies: [
                "SwiftletBytes", "SwiftletDigests", "SwiftletSafetensors", "SwiftletCheckpoint",
                "SwiftletText", "SwiftletReports", "SwiftletCompute", "SwiftletLM",
                "SwiftletTuning", "SwiftletTasks", realModule,
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: swift),

        // Every library in one import.
        .target(
            name: "Swiftlet",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletTorchArchive", "SwiftletHDF5",
                "SwiftletHDF5Library", "SwiftletGGUF", "SwiftletCheckpoint", "SwiftletText",
                "SwiftletSentencePiece", "SwiftletReports", "SwiftletCompute", "SwiftletLM",
                "SwiftletTuning", "SwiftletTasks", "SwiftletWeakToStrong",
            ],
            swiftSettings: swift),

        // Downloads and the command line; neither is a library product.
        .target(name: "CSwiftletCurl", dependencies: ["CSwiftletLoader"], cSettings: c),
        .target(
            name: "SwiftletHub",
            dependencies: [
                "SwiftletBytes", "SwiftletDigests", "SwiftletCheckpoint", "CSwiftletCurl",
                "CSwiftletLoader", "SwiftletLibc",
            ],
            swiftSettings: safeSwift),
        .target(
            name: "SwiftletCommand",
            dependencies: [
                "SwiftletBytes", "SwiftletCheckpoint", "SwiftletText", "SwiftletSentencePiece",
                "SwiftletReports", "SwiftletCompute", "SwiftletLM", "SwiftletTuning",
                "SwiftletTasks", "SwiftletWeakToStrong", "SwiftletHub", "SwiftletLibc",
                .product(
                    name: "ArgumentParser", package: "swift-argument-parser",
                    condition: .when(traits: ["CommandLine"])),
            ],
            swiftSettings: swift),
        .executableTarget(
            name: "SwiftletMain", dependencies: ["SwiftletCommand", "CSwiftletMemory"],
            swiftSettings: swift),

        // Tests mirror Sources.
        .target(
            name: "_SwiftletTestSupport", dependencies: ["SwiftletBytes", "SwiftletLibc"],
            path: "Tests/_SwiftletTestSupport", swiftSettings: swift),
        .testTarget(
            name: "SwiftletBytesTests", dependencies: ["SwiftletBytes", "_SwiftletTestSupport"],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletSafetensorsTests",
            dependencies: ["SwiftletBytes", "SwiftletSafetensors", "_SwiftletTestSupport"],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletTorchArchiveTests",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletTorchArchive",
                "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletHDF5Tests",
            dependencies: ["SwiftletBytes", "SwiftletHDF5", "_SwiftletTestSupport"],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletGGUFTests",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletGGUF", "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletCheckpointTests",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletHDF5", "SwiftletGGUF",
                "SwiftletCheckpoint", "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletTextTests",
            dependencies: [
                "SwiftletBytes", "SwiftletGGUF", "SwiftletText", "SwiftletSentencePiece",
                "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletReportsTests",
            dependencies: [
                "SwiftletBytes", "SwiftletReports", "SwiftletText", "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletComputeTests",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletGGUF", "SwiftletCompute",
                "CSwiftletKernels", realModule,
                "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletLMTests",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletCheckpoint", "SwiftletText",
                "SwiftletCompute", "SwiftletLM", "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletTuningTests",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletText", "SwiftletCompute",
                "SwiftletLM", "SwiftletTuning", "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletTasksTests",
            dependencies: [
                "SwiftletBytes", "SwiftletText", "SwiftletTasks", "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletWeakToStrongTests",
            dependencies: [
                "SwiftletBytes", "SwiftletText", "SwiftletReports", "SwiftletCompute",
                "SwiftletLM", "SwiftletTuning", "SwiftletTasks", "SwiftletWeakToStrong",
                "SwiftletDigests", realModule, "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletHubTests",
            dependencies: [
                "SwiftletBytes", "SwiftletDigests", "SwiftletCheckpoint", "SwiftletHub",
                "CSwiftletLoader", "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletCommandTests",
            dependencies: [
                "SwiftletBytes", "SwiftletCommand", "SwiftletMain", "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "ConformanceTests", dependencies: ["Swiftlet", "_SwiftletTestSupport"],
            swiftSettings: swift),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11,
    cxxLanguageStandard: .cxx17
)
