import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletCheckpoint

@Suite("Models by name")
struct ModelLocatorTests {
    private let commit = "607a30d783dfa663caf39e06633721c8d4cfcd7e"

    /// A cache in a folder, in the layout of huggingface_hub.
    private func cache(_ folder: String, _ repository: String = "models--org--name") throws {
        let root = "\(folder)/\(repository)"
        try FileSystem.createFolder("\(root)/refs/refs/pr")
        try FileSystem.createFolder("\(root)/snapshots/\(commit)")
        try FileSystem.createFolder("\(root)/snapshots/secret")
        try AtomicFile.write(Array(commit.utf8), to: "\(root)/refs/main")
        try AtomicFile.write(Array("\(commit)\n".utf8), to: "\(root)/refs/refs/pr/1")
        try AtomicFile.write(Array("../../..".utf8), to: "\(root)/refs/bad")
        try AtomicFile.write(Array("0000".utf8), to: "\(root)/refs/gone")
    }

    private func resolve(
        _ model: String, _ revision: String? = nil, _ environment: [String: String]
    ) throws(SwiftletError) -> String {
        try ModelLocator.resolve(model, revision: revision) { environment[$0] }
    }

    @Test("the variables are read in huggingface_hub's order")
    func variables() throws {
        let folder = try TestFiles.temporaryFolder()
        for place in ["a", "b", "c/hub", "d/huggingface/hub", "e/.cache/huggingface/hub"] {
            try cache(folder.file(place))
        }
        var environment = [
            "HF_HUB_CACHE": folder.file("a"), "HUGGINGFACE_HUB_CACHE": folder.file("b"),
            "HF_HOME": folder.file("c"), "XDG_CACHE_HOME": folder.file("d"),
            "HOME": folder.file("e"),
        ]
        for (place, variable) in [
            ("a", "HF_HUB_CACHE"), ("b", "HUGGINGFACE_HUB_CACHE"), ("c/hub", "HF_HOME"),
            ("d/huggingface/hub", "XDG_CACHE_HOME"), ("e/.cache/huggingface/hub", "HOME"),
        ] {
            let expected = folder.file("\(place)/models--org--name/snapshots/\(commit)")
            #expect(try resolve("org/name", nil, environment) == expected)
            environment[variable] = variable == "HF_HOME" ? "" : nil
        }
        #expect(throws: SwiftletError(.modelNotFound, "")) {
            try resolve("org/name", nil, environment)
        }
        environment = ["HF_HOME": "~/c", "HOME": folder.path]
        #expect(try resolve("org/name", nil, environment).hasPrefix(folder.file("c/hub/")))
    }

    @Test("revisions: a branch, another ref, a commit")
    func revisions() throws {
        let folder = try TestFiles.temporaryFolder()
        try cache(folder.path)
        let environment = ["HF_HUB_CACHE": folder.path]
        let expected = folder.file("models--org--name/snapshots/\(commit)")
        for revision in [nil, "main", "refs/pr/1", commit] {
            #expect(try resolve("org/name", revision, environment) == expected)
        }
        for revision in [
            "dev", "gone", "bad", "", "..", "../refs", "/", "\(commit)/", "../snapshots/secret",
            "607a30d",
        ] {
            do throws(SwiftletError) {
                _ = try resolve("org/name", revision, environment)
                Issue.record("found \(revision)")
            } catch {
                #expect(error.code == .modelNotFound && error.code.kind.rawValue == 66)
                #expect(error.hint?.contains(folder.path) == true)
                #expect(error.hint?.contains("main") == true)
            }
        }
    }

    @Test("a path takes precedence over an id, and anything else is reported")
    func paths() throws {
        let folder = try TestFiles.temporaryFolder()
        try cache(folder.path, "models--gpt2")
        let environment = ["HF_HUB_CACHE": folder.path]
        #expect(try resolve("gpt2", nil, environment).hasSuffix("models--gpt2/snapshots/\(commit)"))
        #expect(try resolve(folder.path, "dev", environment) == folder.path)
        for model in [
            "org/other", "gpt3", "a/b/c", "./gpt2", "/gpt2", "gpt2/", "-x", "x.", "a--b", "a..b",
            "", "gp\u{E9}", "org/na me",
        ] {
            do throws(SwiftletError) {
                _ = try resolve(model, nil, environment)
                Issue.record("found \(model)")
            } catch {
                #expect(error.code == .modelNotFound && error.file == model)
                let isID = model == "org/other" || model == "gpt3"
                #expect((error.hint?.contains(folder.path) ?? false) == isID, "\(model)")
            }
        }
    }

    @Test("a snapshot of links to blobs opens as a folder")
    func links() throws {
        let folder = try TestFiles.temporaryFolder()
        try cache(folder.path)
        let root = folder.file("models--org--name")
        try FileSystem.createFolder("\(root)/blobs")
        for name in ["config.json", "model.safetensors"] {
            try AtomicFile.write(
                TestFiles.bytes(fixture("gpt2-tiny/\(name)")), to: "\(root)/blobs/x\(name)")
            try link("../../blobs/x\(name)", "\(root)/snapshots/\(commit)/\(name)")
        }
        let path = try resolve("org/name", nil, ["HF_HUB_CACHE": folder.path])
        let checkpoint = try Checkpoint(path: path)
        try checkpoint.resolved(try #require(checkpoint.configuration)).validate()
    }
}
