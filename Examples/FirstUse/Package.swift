// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "first-use",
    platforms: [.macOS(.v15)],
    // In an application: .package(url: "…/swiftlet", from: "0.1.0", traits: [])
    dependencies: [.package(name: "swiftlet", path: "../..")],
    targets: [
        .executableTarget(
            name: "FirstUse", dependencies: [.product(name: "Swiftlet", package: "swiftlet")])
    ],
    swiftLanguageModes: [.v6]
)
