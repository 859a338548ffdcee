import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletHub

/// Which files are selected.
struct SelectionTests {
    static let all = [
        SampleFile.config, SampleFile.readme, SampleFile.weights, SampleFile.torch,
        SampleFile.onnx, SampleFile.code,
    ]

    @Test("by default, the weights that are used when the folder is opened, and their companions")
    func byDefault() async throws {
        let run = try HubRun(Self.all)
        let summary = try await run.download()
        #expect(try run.visible() == ["README.md", "config.json", "model.safetensors"])
        #expect(
            summary.leftOut.map(\.path) == ["modeling.py", "onnx/model.onnx", "pytorch_model.bin"])
    }

    @Test("without safetensors, the PyTorch file")
    func torch() async throws {
        let run = try HubRun([SampleFile.config, SampleFile.torch, SampleFile.onnx])
        _ = try await run.download()
        #expect(try run.visible() == ["config.json", "pytorch_model.bin"])
    }

    @Test("the shards in the index, and no other weights")
    func shards() async throws {
        var consolidated = SampleFile.weights
        consolidated.path = "consolidated.safetensors"
        let files = SampleFile.shards + [SampleFile.index, SampleFile.torch, consolidated]
        let run = try HubRun(files)
        _ = try await run.download()
        #expect(
            try run.visible() == SampleFile.shards.map(\.path) + ["model.safetensors.index.json"])
    }

    @Test("an index that names a missing file")
    func wrongIndex() async throws {
        let run = try HubRun([SampleFile.wrongIndex] + SampleFile.shards)
        try await run.fails(.hubAnswer, leaving: ["model.safetensors.index.json"])
    }

    @Test("without a known name, files that can be opened by path")
    func lone() async throws {
        var adapter = SampleFile.weights
        adapter.path = "adapter_model.safetensors"
        let run = try HubRun([adapter, SampleFile.code, SampleFile.onnx])
        _ = try await run.download()
        #expect(try run.visible() == ["adapter_model.safetensors"])
    }

    @Test("patterns, and all files")
    func patterns() async throws {
        func taken(_ change: (inout FileSelection) -> Void) async throws -> [String] {
            var selection = FileSelection()
            change(&selection)
            let run = try HubRun(Self.all)
            _ = try await run.download(selection)
            return try run.visible()
        }
        #expect(try await taken { $0.everything = true } == Self.all.map(\.path).sorted())
        #expect(
            try await taken { $0.include = ["*.onnx", "*.py"] } == [
                "modeling.py", "onnx/model.onnx",
            ])
        #expect(
            try await taken {
                $0.include = ["*model*"]
                $0.exclude = ["onnx/"]
            } == ["model.safetensors", "modeling.py", "pytorch_model.bin"])
        #expect(
            try await taken { $0.exclude = ["model.safetensors"] }
                == ["README.md", "config.json", "pytorch_model.bin"])
        #expect(try await taken { $0.include = ["nothing"] } == [])
    }

    // Expected values from Python's fnmatch.fnmatchcase.
    @Test(
        "patterns match as in fnmatch",
        arguments: [
            ("*.json", "a/b.json", true), ("*.json", "b.JSON", false), ("?.txt", "a.txt", true),
            ("?.txt", "ab.txt", false), ("[ab].txt", "b.txt", true), ("[!ab].txt", "b.txt", false),
            ("[a-c]x", "bx", true), ("[c-a]x", "bx", false), ("[]]x", "]x", true),
            ("[x", "[x", true), ("[!]x", "[!]x", true), ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("**", "", true), ("", "", true), ("", "a", false), ("é?", "éü", true),
            ("[a-]x", "-x", true),
        ])
    func fnmatch(_ pattern: String, _ path: String, _ expected: Bool) {
        #expect(GlobPattern(pattern).matches(path) == expected)
    }
}
