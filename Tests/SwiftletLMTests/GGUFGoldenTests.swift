import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

/// Models in GGUF files against the reference's numbers (`fixtures/gguf-models`).
@Suite struct GGUFGoldenTests {
    /// Files with the values of `fixtures/decoders`.
    static let plain = [
        "llama", "llama-3-tied", "llama-linear", "gpt2", "gpt_neox", "qwen", "qwen2",
        "qwen2-yarn-old", "qwen3-tied",
    ]
    /// Quantized files, each with a golden of its own.
    static let quantized = ["llama-llama3-q4_1", "gpt2-q5_0", "gpt_neox-q4_0", "qwen3-q8_0"]

    private func model(_ name: String) throws -> LanguageModel {
        try LanguageModel(path: TestFiles.fixture("gguf-models/\(name).gguf"))
    }

    private func golden(_ name: String) throws -> JSONValue {
        try Self.plain.contains(name)
            ? GoldenFile.json("decoders/\(name)/golden.json")
            : GoldenFile.json("gguf-models/\(name).json")
    }

    /// The cases of a golden file that a GGUF file's model has: it knows nothing of Qwen's scaling beyond
    /// the length in training.
    private func cases(_ name: String) throws -> [JSONValue] {
        try golden(name).elements("scores").filter { golden in
            try name != "qwen" || golden.tokens("ids").count <= 64
        }
    }

    @Test(arguments: plain + quantized + ["gpt_neox-sequential-f32"])
    func logProbabilities(_ name: String) throws {
        let scorer = Scorer(try model(name), context: try ComputeContext(threadCount: 2))
        let cases = try cases(name)
        try #require(!cases.isEmpty)
        let requests = try cases.map { Scorer.Request(ids: try $0.tokens("ids")) }
        let packed = try scorer.score(requests)
        for (index, request) in requests.enumerated() {
            let expected = try cases[index].doubles("logprobs")
            expectClose(packed[index], expected, within: 1e-4)
            expectClose(try scorer.score([request])[0], expected, within: 1e-4)
        }
    }

    @Test func memoryOfBlocksIsStatedWhereThereAreProductsWithThem() throws {
        let model = try model("llama-llama3-q4_1")
        #expect(!model.notes.contains { $0.contains("widened") })
        for precision in [Precision.f32, .bf16] {
            let note = try #require(model.decoder.memoryNote(precision))
            let stated = BlockMemory(model.decoder.weights.multiplied, precision: precision)
            #expect(stated.slab > 0 && stated.perThread > 0 && stated.perRow > 0)
            #expect(note.contains("Q4_1"))
            for bytes in [stated.slab, stated.perThread, stated.perRow] {
                #expect(note.contains("\((bytes + 1023) / 1024) KB"), "\(note)")
            }
        }
        let context = try ComputeContext(threadCount: 2)
        #expect(try model.quantized(context).decoder.memoryNote(.f32) == nil)
        #expect(try ParameterSet(model).decoder.memoryNote(.f32) == nil)
        #expect(try self.model("llama").decoder.memoryNote(.f32) == nil)
    }

    @Test(arguments: plain)
    func greedyContinuationsByOneTokenAtATime(_ name: String) throws {
        let session = GenerationSession(
            try model(name), context: try ComputeContext(threadCount: 2))
        let file = try #require(try golden(name)["greedy"])
        for golden in try file.elements("cases") {
            let sequence = try session.generate(
                try golden.tokens("prompt"),
                GenerationOptions(
                    maxNewTokens: Int(try file.double("max_new_tokens")),
                    stopTokens: try golden.tokens("eos_token_ids"))
            ) { _ throws(SwiftletError) in true }
            #expect(try sequence.ids == golden.tokens("new_ids"))
        }
    }

    /// Decoding widens panels of its own, so its numbers are compared with those of the whole text.
    @Test(arguments: quantized)
    func decodingAgreesWithScoring(_ name: String) throws {
        let model = try model(name)
        let context = try ComputeContext(threadCount: 2)
        let session = GenerationSession(model, context: context)
        let prompt: [Int32] = [3, 14, 15, 9, 2]
        var scores: [Double] = []
        let sequence = try session.generate(
            prompt, GenerationOptions(maxNewTokens: 6, stopTokens: [])
        ) {
            piece throws(SwiftletError) in
            scores.append(piece.logProbability)
            return true
        }
        let whole = try Scorer(model, context: context).score([
            Scorer.Request(ids: prompt + sequence.ids)
        ])[0]
        expectClose(scores, Array(whole.suffix(6)), within: 1e-4)
    }

    @Test(arguments: quantized)
    func theNoteSaysWhatIsWidened(_ name: String) throws {
        let note = try #require(try model(name).decoder.memoryNote(.f32))
        let type = try #require(name.split(separator: "-").last).uppercased()
        #expect(note.hasPrefix("quantized matrices (") && note.contains(type), "\(note)")
        #expect(try model("llama").decoder.memoryNote(.f32) == nil)
    }

    @Test(arguments: quantized)
    func roundedProductsAndEightBitsStayNear(_ name: String) throws {
        let model = try model(name)
        let golden = try #require(try cases(name).first)
        let request = Scorer.Request(ids: try golden.tokens("ids"))
        let expected = try golden.doubles("logprobs")
        let rounded = try Scorer(
            model, context: try ComputeContext(threadCount: 2, precision: .bf16)
        ).score([request])[0]
        expectClose(rounded, expected, within: 0.5)
        let context = try ComputeContext(threadCount: 2)
        let eightBits = try Scorer(model.quantized(context), context: context).score([request])[0]
        expectClose(eightBits, expected, within: 0.5)
    }

    /// A frozen base is read in blocks, a trained one in single precision; both give the same gradients.
    @Test(arguments: quantized + ["llama", "gpt_neox", "gpt2"])
    func trainingOnBlocksHasTheGradientsOfWidenedWeights(_ name: String) throws {
        let model = try model(name)
        let (loss, all) = try gradients(ParameterSet(model))
        let part = try ParameterSet(
            model, training: Trainability { $0.hasPrefix("layers.0.attentionNorm") })
        let (value, some) = try gradients(part)
        #expect(!some.isEmpty)
        expectClose(value, loss, within: 1e-5)
        for (name, gradient) in some {
            let whole = try #require(all[name])
            let scale = Double(whole.map(abs).max() ?? 0)
            expectClose(gradient, whole.map(Double.init), within: 1e-4 * scale)
        }
    }

    /// The loss of a few targets, and the gradients by name.
    private func gradients(_ parameters: ParameterSet) throws -> (Double, [String: [Float]]) {
        let context = try ComputeContext(threadCount: 2)
        parameters.zeroGradients(context)
        let ids: [Int32] = [5, 8, 13, 21, 34, 55, 1, 2, 3, 4, 60, 61]
        var loss = TargetLoss(targets: Array(ids.dropFirst()))
        let value = try TrainingPass(parameters.decoder, context: context)
            .run(TokenBatch([ids]), rows: Array(0..<ids.count - 1), loss: &loss)
        let pairs = parameters.parameters.map { ($0.name, $0.gradient.values) }
        return (value, Dictionary(uniqueKeysWithValues: pairs))
    }
}

/// Cross-entropy with equal weights.
private struct TargetLoss: RowLoss {
    let targets: [Int32]
    mutating func backward(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) -> Double
    {
        context.crossEntropyBackward(
            logits, targets: Array(targets[rows]),
            weights: Array(repeating: 1 / Float(targets.count), count: rows.count))
    }
}
