// swift-tools-version: 6.2
import PackageDescription

/// `make` and CI set this; users of the package never meet our warnings as errors.
let strict = Context.environment["SWIFTLET_STRICT"] == "1"
/// Only the libraries and their tests, without the command line and downloads and so without any
/// package from elsewhere: what `make sanitize` and the fuzzers build. swift-crypto's C takes half an
/// hour to build under two sanitizers.
let librariesOnly = Context.environment["SWIFTLET_LIBRARIES_ONLY"] == "1"

let swift: [SwiftSetting] =
    [.enableUpcomingFeature("ExistentialAny")]
    + (strict ? [.treatAllWarnings(as: .error)] : [])
/// Readers of untrusted bytes: every unsafe construct is marked where it stands.
let safeSwift: [SwiftSetting] = swift + [.strictMemorySafety()]
let c: [CSetting] = strict ? [.treatAllWarnings(as: .error)] : []
let cxx: [CXXSetting] = strict ? [.treatAllWarnings(as: .error)] : []

/// One product library a layer, so that an application takes only what it needs.
let layers = [
    "SwiftletBytes", "SwiftletSafetensors", "SwiftletTorchArchive", "SwiftletHDF5",
    "SwiftletHDF5Library", "SwiftletCheckpoint", "SwiftletText", "SwiftletSentencePiece",
    "SwiftletCompute", "SwiftletLM", "SwiftletTuning",
    "Swiftlet",
]

/// The families whose name maps are embedded.
let families = ["gpt2", "gpt_neox", "llama", "opt", "qwen", "qwen2", "qwen3"]

/// Left out by `SWIFTLET_LIBRARIES_ONLY`, with all that they alone need.
let command: [Target] = [
    // Downloads; only the command line imports it.
    .target(name: "CSwiftletCurl", cSettings: c),
    .target(
        name: "SwiftletHub",
        dependencies: [
            "SwiftletBytes", "SwiftletCheckpoint", "CSwiftletCurl",
            .product(name: "Crypto", package: "swift-crypto"),
        ],
        swiftSettings: safeSwift),
    .target(
        name: "SwiftletCommand",
        dependencies: [
            "SwiftletBytes", "SwiftletCheckpoint", "SwiftletText", "SwiftletSentencePiece",
            "SwiftletCompute", "SwiftletLM", "SwiftletTuning", "SwiftletHub",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        swiftSettings: swift),
    .executableTarget(
        name: "SwiftletMain", dependencies: ["SwiftletCommand"], swiftSettings: swift),

    .testTarget(
        name: "SwiftletHubTests",
        dependencies: [
            "SwiftletBytes", "SwiftletCheckpoint", "SwiftletHub", "_SwiftletTestSupport",
        ],
        swiftSettings: swift),
    .testTarget(
        name: "SwiftletCommandTests",
        dependencies: [
            "SwiftletBytes", "SwiftletCommand", "SwiftletMain", "_SwiftletTestSupport",
        ],
        swiftSettings: swift),
]

let package = Package(
    name: "swiftlet",
    platforms: [.macOS(.v15)],
    products: layers.map { .library(name: $0, targets: [$0]) }
        + (librariesOnly ? [] : [.executable(name: "swiftlet", targets: ["SwiftletMain"])]),
    dependencies: librariesOnly
        ? []
        : [
            .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
            .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        ],
    targets: [
        // C: SIMD loops and the faces of system libraries.
        .target(name: "CSwiftletKernels", cSettings: c),
        .target(name: "CSwiftletUnicode", cSettings: c),
        .target(
            name: "CSwiftletOnig", cSettings: c,
            linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(
            name: "CSwiftletHDF5", cSettings: c,
            linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .systemLibrary(
            name: "CSwiftletBLAS", pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),

        // Bytes and formats.
        .target(
            name: "SwiftletBytes",
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

        // Checkpoints: names as data, one view over every format.
        .target(
            name: "SwiftletNames", path: "formats/names",
            resources: (families + ["common_keys"]).map { .embedInCode("\($0).json") },
            swiftSettings: swift),
        .target(
            name: "SwiftletCheckpoint",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletTorchArchive", "SwiftletHDF5",
                "SwiftletHDF5Library", "SwiftletNames", "CSwiftletKernels",
            ],
            swiftSettings: swift),

        // Text.
        .target(
            name: "SwiftletText",
            dependencies: ["SwiftletBytes", "CSwiftletUnicode", "CSwiftletOnig"],
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

        // Compute, models, training.
        .target(
            name: "SwiftletCompute",
            dependencies: ["SwiftletBytes", "CSwiftletKernels", "CSwiftletBLAS"],
            swiftSettings: swift),
        .target(
            name: "SwiftletLM",
            dependencies: [
                "SwiftletBytes", "SwiftletCheckpoint", "SwiftletText", "SwiftletCompute",
            ],
            swiftSettings: swift),
        .target(
            name: "SwiftletTuning",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletCheckpoint", "SwiftletText",
                "SwiftletCompute", "SwiftletLM",
            ],
            swiftSettings: swift),

        // Everything at once for library users.
        .target(
            name: "Swiftlet",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletTorchArchive", "SwiftletHDF5",
                "SwiftletHDF5Library", "SwiftletCheckpoint", "SwiftletText",
                "SwiftletSentencePiece", "SwiftletCompute", "SwiftletLM", "SwiftletTuning",
            ],
            swiftSettings: swift),

        // Tests mirror Sources.
        .target(
            name: "_SwiftletTestSupport", dependencies: ["SwiftletBytes"],
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
            name: "SwiftletCheckpointTests",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletHDF5", "SwiftletCheckpoint",
                "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletTextTests",
            dependencies: [
                "SwiftletBytes", "SwiftletText", "SwiftletSentencePiece", "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SwiftletComputeTests",
            dependencies: [
                "SwiftletBytes", "SwiftletSafetensors", "SwiftletCompute", "CSwiftletKernels",
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
                "SwiftletBytes", "SwiftletText", "SwiftletCompute", "SwiftletLM", "SwiftletTuning",
                "_SwiftletTestSupport",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "ConformanceTests", dependencies: ["Swiftlet", "_SwiftletTestSupport"],
            swiftSettings: swift),
    ] + (librariesOnly ? [] : command),
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11,
    cxxLanguageStandard: .cxx17
)
