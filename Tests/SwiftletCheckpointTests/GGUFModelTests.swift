import SwiftletBytes
import SwiftletGGUF
import Testing
import _SwiftletTestSupport

@testable import SwiftletCheckpoint

@Suite("Models in GGUF files")
struct GGUFModelTests {
    static let plain = [
        "llama", "llama-3-tied", "llama-linear", "gpt2", "gpt_neox", "qwen", "qwen2",
        "qwen2-yarn-old", "qwen3-tied",
    ]

    private func path(_ name: String) -> String { TestFiles.fixture("gguf-models/\(name).gguf") }

    @Test("a file has the tensors of the folder that it was made of", arguments: plain)
    func tensors(_ name: String) throws {
        let own = try Checkpoint(path: path(name))
        #expect(own.format == "gguf")
        let other = try Checkpoint(path: TestFiles.fixture("decoders/\(name)"))
        #expect(own.family == other.family)
        let comparison = try CheckpointComparison.compare(own, other)
        #expect(comparison.isEqual, "\(comparison)")
        #expect(comparison.compared > 10)
        let resolved = try own.resolved(try #require(own.configuration))
        #expect(resolved.isComplete)
        #expect(resolved.notes.isEmpty, "\(resolved.notes)")
    }

    @Test("a file has the sizes of the folder that it was made of", arguments: plain)
    func sizes(_ name: String) throws {
        let own = try ModelConfiguration(path: path(name))
        let other = try ModelConfiguration(path: TestFiles.fixture("decoders/\(name)"))
        #expect(own.dimensions == other.dimensions)
        #expect(own.tiesHead == other.tiesHead)
        #expect(own.flags == other.flags)
        #expect(own.architecture == other.architecture)
        #expect(own.parameterCount == other.parameterCount)
    }

    @Test("Llama 3.1's scaling is found in its divisors")
    func rotationFactors() throws {
        let found = try ModelConfiguration(path: path("llama-3-tied")).object["rope_scaling"]?
            .object
        let scaling = try #require(found)
        #expect(scaling["rope_type"] == .string("llama3"))
        #expect(scaling["factor"]?.double == 8)
        #expect(scaling["original_max_position_embeddings"]?.int == 32)
        #expect(scaling["low_freq_factor"]?.double == 1)
        // Bounds other than the usual ones follow from the divisors, up to the unit of length.
        let odd = RotationFactors.Parameters(factor: 5, low: 1.5, high: 7, originalLength: 3000)
        let divisors = RotationFactors.divisors(odd, base: 5e5, dimensions: 128)
        let solved = try #require(
            RotationFactors.parameters(divisors, base: 5e5, lengths: [8192]))
        let again = RotationFactors.divisors(solved, base: 5e5, dimensions: 128)
        #expect(zip(divisors, again).allSatisfy { abs($0 - $1) <= 1e-5 * $0 })
        #expect(solved.originalLength == 8192 && abs(solved.high / solved.low - 7 / 1.5) < 1e-3)
        // Divisors of another kind are refused.
        let other = divisors.enumerated().map { $0 % 2 == 0 ? $1 : $1 + 0.1 }
        #expect(RotationFactors.parameters(other, base: 5e5, lengths: [8192]) == nil)
    }

    @Test("statistics and differences read blocks", arguments: ["gpt2-q5_0", "llama-llama3-q4_1"])
    func blocks(_ name: String) throws {
        let checkpoint = try Checkpoint(path: path(name))
        let statistics = try TensorStatistics.of(checkpoint.tensors)
        for (tensor, numbers) in zip(checkpoint.tensors, statistics) where tensor.dtype.block != nil
        {
            let numbers = try #require(numbers)
            let (least, most) = (try #require(numbers.min), try #require(numbers.max))
            #expect(least > -4 && most < 4 && least < most)
        }
        #expect(try CheckpointComparison.compare(checkpoint, checkpoint).isEqual)
        let original =
            String(name.prefix { $0 != "-" }) + (name.hasPrefix("llama") ? "-llama3" : "")
        let folder = try Checkpoint(path: TestFiles.fixture("decoders/\(original)"))
        #expect(try !CheckpointComparison.compare(checkpoint, folder).isEqual)
        #expect(try CheckpointComparison.compare(checkpoint, folder, atol: 0.2).isEqual)
    }

    /// A file with other metadata: each key replaced by a field, or removed with nil; without the tensors
    /// whose names end in some way.
    static func changed(
        _ name: String, _ changes: [String: GGUFField?], dropping ending: String? = nil
    ) throws -> (TemporaryFolder, String) {
        let file = try GGUFFile(path: TestFiles.fixture("gguf-models/\(name).gguf"))
        let tensors = file.tensors.filter { tensor in
            ending.map { !tensor.name.hasSuffix($0) } ?? true
        }
        var fields = file.fields.filter { changes[$0.key] == nil }
        for (key, field) in changes.sorted(by: { $0.key < $1.key }) {
            if let field { fields.append((key, field)) }
        }
        let folder = try TestFiles.temporaryFolder()
        let target = folder.file("changed.gguf")
        let writer = try GGUFWriter(
            path: target, tensors: tensors.map { ($0.name, $0.dtype, $0.shape) },
            metadata: fields)
        for tensor in tensors { try writer.write(tensor.bytes) }
        try writer.commit()
        return (folder, target)
    }

    @Test(
        "keys that change numbers are refused by name",
        arguments: [
            ("llama.expert_count", GGUFField.uint32(8)), ("llama.attention.clamp_kqv", .float32(8)),
            ("llama.logit_scale", .float32(0.5)), ("llama.attention.scale", .float32(0.1)),
            ("llama.attention.sliding_window", .uint32(16)),
            ("llama.rope.dimension_count", .uint32(4)), ("llama.attention.causal", .bool(false)),
            ("llama.rope.scaling.type", .string("longrope")),
            ("llama.attention.value_length", .uint32(4)),
            ("llama.attention.head_count_kv", .uint32s([4, 2])),
        ])
    func refusals(_ key: String, _ field: GGUFField) throws {
        let (folder, path) = try Self.changed("llama", [key: field])
        defer { withExtendedLifetime(folder) {} }
        let error = #expect(throws: SwiftletError.self) { try Checkpoint(path: path) }
        #expect(error?.code.kind == .unsupported)
        #expect(error?.description.contains("key \"\(key)\"") == true, "\(error as Any)")
    }

    @Test(
        "values that change nothing are taken",
        arguments: [
            ("llama.expert_count", GGUFField.uint32(0)), ("llama.attention.clamp_kqv", .float32(0)),
            ("llama.attention.sliding_window", .uint32(64)),
            ("llama.attention.scale", .float32(0.35355338)),
            ("llama.attention.head_count", .uint32s([4, 4])),
            ("llama.rope.scaling.type", .string("none")),
        ])
    func neutralValues(_ key: String, _ field: GGUFField) throws {
        let (folder, path) = try Self.changed("llama", [key: field])
        defer { withExtendedLifetime(folder) {} }
        let checkpoint = try Checkpoint(path: path)
        #expect(checkpoint.notes.isEmpty)
        let original = try Checkpoint(path: self.path("llama"))
        #expect(checkpoint.configuration?.dimensions == original.configuration?.dimensions)
    }

    @Test("an unknown key is noted, a missing one named")
    func keys() throws {
        let (folder, path) = try Self.changed(
            "llama", ["llama.novelty": .uint32(1), "mine": .bool(true)])
        defer { withExtendedLifetime(folder) {} }
        let notes = try Checkpoint(path: path).notes
        #expect(notes == ["the metadata has unknown keys, ignored: llama.novelty, mine"])
        let (other, lacking) = try Self.changed("llama", ["llama.block_count": nil as GGUFField?])
        defer { withExtendedLifetime(other) {} }
        let error = #expect(throws: SwiftletError.self) { try Checkpoint(path: lacking) }
        #expect(error?.description.contains("missing key, key \"llama.block_count\"") == true)
    }

    @Test("a list that says no number is named for what it is")
    func lists() throws {
        for (field, kind, part) in [
            (GGUFField.uint32s([]), SwiftletError.Kind.badData, "is an empty list"),
            (.strings(["4"]), .unsupported, "is a list of string values"),
        ] {
            let (folder, path) = try Self.changed("llama", ["llama.attention.head_count": field])
            defer { withExtendedLifetime(folder) {} }
            let error = #expect(throws: SwiftletError.self) { try Checkpoint(path: path) }
            #expect(error?.code.kind == kind)
            #expect(error?.reason.contains(part) == true, "\(error as Any)")
            #expect(error?.place == "key \"llama.attention.head_count\"")
        }
    }

    @Test("biases that llama.cpp's qwen3 does not have are zeros")
    func absentBiases() throws {
        let (folder, path) = try Self.changed(
            "qwen3-tied", [:], dropping: "attn_output.bias")
        defer { withExtendedLifetime(folder) {} }
        let checkpoint = try Checkpoint(path: path)
        #expect(checkpoint.configuration?.object["attention_bias"] == .bool(true))
        let resolved = try checkpoint.resolved(try #require(checkpoint.configuration))
        #expect(resolved.isComplete, "\(resolved.missing)")
        let bias = try resolved.required("layers.0.attention.output.bias")
        #expect(try bias.floats().allSatisfy { $0 == 0 } && bias.shape.count == 1)
        // Written again they are left out, so that llama.cpp loads the file.
        for target in [folder.file("again.gguf"), folder.file("folder")] {
            let summary = try CheckpointConverter.convert(source: path, destination: target)
            #expect(!summary.notes.contains { $0.contains("attn_output.bias") })
        }
        let summary = try CheckpointConverter.convert(
            source: folder.file("folder"), destination: folder.file("back.gguf"))
        #expect(!summary.notes.contains { $0.contains("attn_output.bias") })
        for name in ["again.gguf", "back.gguf"] {
            let names = try GGUFFile(path: folder.file(name)).tensors.map(\.name)
            #expect(names.contains("blk.0.attn_q.bias"))
            #expect(!names.contains("blk.0.attn_output.bias"))
            let comparison = try CheckpointComparison.compare(
                Checkpoint(path: folder.file(name)), checkpoint)
            #expect(comparison.isEqual, "\(comparison)")
        }
    }

    @Test("another architecture is refused by name")
    func architectures() throws {
        let (folder, path) = try Self.changed("llama", ["general.architecture": .string("gemma")])
        defer { withExtendedLifetime(folder) {} }
        let error = #expect(throws: SwiftletError.self) { try Checkpoint(path: path) }
        #expect(error?.code == .unknownFamily)
        #expect(error?.reason == "the architecture \"gemma\" is not supported")
        let (part, split) = try Self.changed("llama", ["split.count": .uint32(3)])
        defer { withExtendedLifetime(part) {} }
        #expect(throws: SwiftletError.self) { try Checkpoint(path: split) }
    }
}
