// swift-tools-version: 6.2
import PackageDescription

/// libFuzzer provides `main`; each target provides the function that it calls.
let entry: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .unsafeFlags(["-parse-as-library"]),
]

/// One executable per parser, with the libraries of Swiftlet that it uses.
let targets: [(name: String, libraries: [String])] = [
    ("TorchZip", ["SwiftletTorchArchive"]),
    ("TorchPickle", ["SwiftletTorchArchive"]),
    ("TorchStream", ["SwiftletTorchArchive"]),
    ("HDF5", ["SwiftletHDF5"]),
    ("Inflate", ["SwiftletHDF5"]),
    ("Safetensors", ["SwiftletSafetensors"]),
    ("GGUF", ["SwiftletGGUF"]),
    ("TokenizerFile", ["SwiftletText"]),
    ("VocabMerges", ["SwiftletText"]),
    ("TiktokenRanks", ["SwiftletText"]),
    ("SentencePiece", ["SwiftletText", "SwiftletSentencePiece"]),
    ("JSONText", []),
    ("Configuration", ["SwiftletCheckpoint"]),
    ("ShardIndex", ["SwiftletCheckpoint", "SwiftletSafetensors"]),
    ("TextEncoding", ["SwiftletText"]),
    ("TaskFile", ["SwiftletTasks"]),
    ("LabelFile", ["SwiftletWeakToStrong"]),
]

let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swiftlet", path: "../..", traits: [])],
    targets: [
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(name: "CFuzzSupport"),
        .target(
            name: "FuzzSupport",
            dependencies: ["CFuzzSupport", .product(name: "SwiftletBytes", package: "swiftlet")]),
        .target(
            name: "TorchFuzzing",
            dependencies: [
                "FuzzSupport", .product(name: "SwiftletTorchArchive", package: "swiftlet"),
            ]),
        .target(
            name: "TokenizerFuzzing",
            dependencies: ["FuzzSupport", .product(name: "SwiftletText", package: "swiftlet")]),
    ]
        + targets.map { target in
            .executableTarget(
                name: "\(target.name)Fuzzer",
                dependencies: ["FuzzSupport"]
                    + (target.name == "Inflate" ? ["CZlib"] : [])
                    + (target.libraries == ["SwiftletTorchArchive"] ? ["TorchFuzzing"] : [])
                    + (target.libraries.contains("SwiftletText") ? ["TokenizerFuzzing"] : [])
                    + (target.libraries + ["SwiftletBytes"]).map {
                        .product(name: $0, package: "swiftlet")
                    },
                swiftSettings: entry)
        },
    swiftLanguageModes: [.v6]
)
