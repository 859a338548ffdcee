import Foundation
import SwiftletBytes
import Synchronization
import Testing
import _SwiftletTestSupport

@testable import SwiftletHub

/// Files for repositories.
///
/// Hashes are those of `git hash-object` and `sha256sum`.
enum SampleFile {
    static let config = HubFile(
        "config.json", Array("{\"model_type\":\"gpt2\"}\n".utf8),
        git: "2b479e476b02226ff558d2b17087f02c1b944109")
    static let readme = HubFile("README.md", [], git: "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
    static let weights = HubFile(
        "model.safetensors", (0..<300_000).map { UInt8(($0 * 7 + $0 / 256) & 255) },
        git: "223b20d1dba5d06166beb84e485007c31972fc1d",
        sha256: "d08928a168952dcd1f23061570816ee3b9d5c5c01ec65e00adbda68d328f4dbb")
    static let torch = HubFile(
        "pytorch_model.bin", Array("not wanted\n".utf8),
        git: "6c02293024d1b3f1f3bf0b7f3e891bdd228cc197")
    static let onnx = HubFile(
        "onnx/model.onnx", Array("nor this\n".utf8),
        git: "ec0762109eaefc216a0975d5e1fb20687e4f988f")
    static let code = HubFile(
        "modeling.py", Array("print()\n".utf8), git: "aec92917403fe09d962fb43a3bcef0ae21f4c217")
    static let shards = [
        HubFile(
            "model-00001-of-00002.safetensors",
            (0..<1024).map { UInt8($0 & 255) }, git: "c8b49c8cd518e58491924bfc364ff26e01a85009",
            sha256: "785b0751fc2c53dc14a4ce3d800e69ef9ce1009eb327ccf458afe09c242c26c9"),
        HubFile(
            "model-00002-of-00002.safetensors",
            (0..<1024).map { UInt8(255 - $0 & 255) },
            git: "991c98a05128d446b067c2ae39bd7dff0a11686a",
            sha256: "3af6dbef8362452d2b45ad97deb9e43180fb90aac309860e26e123860cce62a7"),
    ]
    static let index = HubFile(
        "model.safetensors.index.json",
        Array(
            #"{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"#
                .utf8), git: "882e6caa44ebc3cd41ab452d1ab15048a4863294")
    static let wrongIndex = HubFile(
        "model.safetensors.index.json", Array(#"{"weight_map":{"a":"absent.safetensors"}}"#.utf8),
        git: "3a897e5ef0d4976a83613d5a084d8ae4d438fb3b")
}

/// A local hub, a temporary cache, and downloads from one into the other.
final class HubRun: Sendable {
    let hub: LoopbackHub
    let folder: TemporaryFolder

    init(
        _ files: [HubFile] = [SampleFile.config, SampleFile.weights],
        override: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer? = { _ in
            nil
        }
    ) throws {
        hub = try LoopbackHub(files, override: override)
        folder = try TestFiles.temporaryFolder()
    }

    /// The cache's folder.
    var cache: String { folder.file("hub") }
    /// The repository's folder.
    var repository: String { cache + "/models--org--model" }
    /// The snapshot's folder.
    var snapshot: String { repository + "/snapshots/" + LoopbackHub.commit }

    /// A configuration that uses this hub only, with short pauses.
    var configuration: HubConfiguration {
        var configuration = HubConfiguration(cache: cache)
        configuration.endpoint = hub.server.address
        configuration.proxy = ""
        configuration.stallTimeout = .seconds(1)
        configuration.retries.firstPause = .milliseconds(1)
        configuration.retries.longestPause = .milliseconds(1)
        return configuration
    }

    func download(
        _ selection: FileSelection = FileSelection(), revision: String = "main",
        _ change: (inout HubConfiguration) -> Void = { _ in }
    ) async throws -> HubDownload.Summary {
        var configuration = configuration
        change(&configuration)
        return try await HubDownload(
            LoopbackHub.id, revision: revision, selection: selection, configuration: configuration
        ).run()
    }

    /// Expects a download to fail without making anything visible.
    func fails(
        _ code: SwiftletError.Code, _ selection: FileSelection = FileSelection(),
        leaving names: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        await #expect(throws: SwiftletError(code, ""), sourceLocation: sourceLocation) {
            // One at a time, so that the files before the failing one are certain to be there.
            try await download(selection) { $0.connections = 1 }
        }
        #expect(try visible() == names, sourceLocation: sourceLocation)
        #expect(!exists("refs/main"), sourceLocation: sourceLocation)
    }

    /// The files of the snapshot, at any depth.
    func visible() throws -> [String] {
        guard FileManager.default.fileExists(atPath: snapshot) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: snapshot).filter { name in
            !FileSystem.isFolder(snapshot + "/" + name)
        }.sorted()
    }

    /// The bytes of a file of the snapshot.
    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: snapshot + "/" + name)))
    }

    /// Whether something exists in the folder of the repository.
    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: repository + "/" + name)
    }

    /// Writes a file into the folder of the repository.
    func put(_ bytes: [UInt8], _ name: String) throws {
        let path = repository + "/" + name
        try FileSystem.createFolder(FileSystem.parent(path))
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// The requests for the content of a file.
    func requests(_ name: String) -> [LoopbackServer.Request] {
        hub.server.requests.filter { $0.target.hasSuffix("/resolve/\(LoopbackHub.commit)/\(name)") }
    }
}

/// Counts calls from any thread.
final class CallCounter: Sendable {
    private let count = Mutex(0)

    /// The number of this call, from 1.
    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

extension LoopbackServer.Request {
    /// Whether this requests the content of a file.
    func isContent(of file: HubFile) -> Bool { target.hasSuffix("/" + file.path) }
}

/// Records the progress that a download reports.
final class ProgressLog: Sendable {
    private let values = Mutex<[HubDownload.Progress]>([])
    func add(_ value: HubDownload.Progress) { values.withLock { $0.append(value) } }
    var all: [HubDownload.Progress] { values.withLock { $0 } }
}
