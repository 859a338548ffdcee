import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

/// Adapters that PEFT made, against PEFT's numbers (`fixtures/adapters`).
@Suite struct AdapterGoldenTests {
    static let cases =
        ((try? FileSystem.names(in: TestFiles.fixture("adapters"))) ?? []).sorted()
        .filter { FileSystem.isFolder(TestFiles.fixture("adapters/\($0)")) }

    private func golden(_ name: String) throws -> JSONValue {
        try GoldenFile.json("adapters/\(name)/golden.json")
    }

    private func model(_ name: String) throws -> LanguageModel {
        try LanguageModel(path: TestFiles.fixture(try golden(name).string("model")))
    }

    /// Expects the numbers of a golden file.
    private func check(_ model: LanguageModel, _ golden: JSONValue, threads: Int = 2) throws {
        let context = try ComputeContext(threadCount: threads)
        if golden["texts"] != nil {
            let texts = try golden.elements("texts")
            let classifier = try Classifier(model, context: context)
            let results = try classifier.classify(texts.map { try $0.tokens("ids") })
            for (result, text) in zip(results, texts) {
                expectClose(result.logits, try text.doubles("logits"))
                expectClose(result.probabilities, try text.doubles("probabilities"))
            }
            return
        }
        let cases = try golden.elements("scores")
        let scorer = Scorer(model, context: context)
        let results = try scorer.score(cases.map { .init(ids: try $0.tokens("ids")) })
        for (result, one) in zip(results, cases) {
            expectClose(result, try one.doubles("logprobs"))
        }
    }

    @Test func everyFamilyIsAdapted() throws {
        let families = try Self.cases.map { try model($0).configuration.family }
        #expect(Set(families) == ["gpt2", "opt", "gpt_neox", "qwen", "qwen2", "qwen3", "llama"])
    }

    @Test(arguments: cases)
    func unmergedAdaptersMatchPEFT(_ name: String) throws {
        let adapted = try model(name).adapted(by: TestFiles.fixture("adapters/\(name)"))
        for threads in [1, 3] { try check(adapted, golden(name), threads: threads) }
    }

    @Test(arguments: cases)
    func mergedModelsMatchPEFT(_ name: String) throws {
        let (folder, golden) = (try TestFiles.temporaryFolder(), try golden(name))
        let context = try ComputeContext(threadCount: 2)
        let merge = try AdapterMerge(
            model(name), adapter: TestFiles.fixture("adapters/\(name)"), context: context)
        let output = folder.file("out")
        let summary = try merge.write(to: output, dtype: .f32)
        #expect(summary.merged > 0 && summary.overflows == 0)
        #expect(summary.untiedHead == name.contains("tied-head"))
        try check(LanguageModel(path: output), golden)
        guard golden["merged"] != nil else { return }
        let file = try SafetensorsFile(path: "\(output)/model.safetensors")
        for sample in try golden.elements("merged") {
            // GPT-NeoX's head has another name in a checkpoint than in the class.
            let name = try sample.string("tensor")
            let neox = name == "lm_head.weight" ? file["embed_out.weight"] : nil
            let tensor = try #require(file[name] ?? neox, "\(name) is missing")
            let values = try tensor.floats()
            expectClose(
                try sample.ints("indices").map { values[$0] }, try sample.doubles("values"),
                within: 2e-6, name)
        }
    }

    /// The base weights are not copied, whatever the dtype.
    @Test(arguments: ["llama-of-bf16", "gpt_neox-of-f16", "gpt2-all"])
    func weightsStayInTheMap(_ name: String) throws {
        let model = try model(name)
        let path = TestFiles.fixture("adapters/\(name)")
        let adapted = try model.adapted(by: path).decoder.weights
        let trained = try ParameterSet(
            model, adapters: AdapterConfiguration(folder: path), seed: 1
        ).decoder.weights
        for weights in [adapted, trained] {
            for (layer, own) in zip(weights.layers, model.decoder.weights.layers) {
                #expect(
                    layer.feedForward.up.weight.bytes.address
                        == own.feedForward.up.weight.bytes.address)
                #expect(layer.attentionOutput.weight.dtype == own.attentionOutput.weight.dtype)
                #expect(layer.attentionOutput.adapter != nil)
            }
        }
    }

    /// A head that is tied and adapted, beside an embedding that is not.
    @Test func mergingAnAdaptedTiedHeadUntiesIt() throws {
        let folder = try TestFiles.temporaryFolder()
        let merge = try AdapterMerge(
            model("qwen2-tied-head"), adapter: TestFiles.fixture("adapters/qwen2-tied-head"),
            context: try ComputeContext(threadCount: 1))
        _ = try merge.write(to: folder.file("out"))
        let configuration = try JSONValue.read(path: folder.file("out/config.json"))
        #expect(configuration["tie_word_embeddings"]?.bool == false)
        let file = try SafetensorsFile(path: folder.file("out/model.safetensors"))
        let head = try #require(file["lm_head.weight"]).floats()
        let table = try #require(file["model.embed_tokens.weight"]).floats()
        #expect(head.count == table.count && head != table)
    }

    @Test func shardsHoldTheSameTensors() throws {
        let folder = try TestFiles.temporaryFolder()
        let merge = try AdapterMerge(
            model("llama-2-f16"), adapter: TestFiles.fixture("adapters/llama-2-f16"),
            context: try ComputeContext(threadCount: 2))
        _ = try merge.write(to: folder.file("one"))
        _ = try merge.write(to: folder.file("many"), maxShardSize: ShardSize("40KB"))
        let names = try FileSystem.names(in: folder.file("many"))
        #expect(names.filter { $0.hasSuffix(".safetensors") }.count > 2)
        #expect(names.contains("model.safetensors.index.json"))
        for path in ["one", "many"] {
            try check(LanguageModel(path: folder.file(path)), golden("llama-2-f16"))
        }
    }

    @Test func mergedTensorsKeepTheModelsDtype() throws {
        let folder = try TestFiles.temporaryFolder()
        let merge = try AdapterMerge(
            model("llama-of-bf16"), adapter: TestFiles.fixture("adapters/llama-of-bf16"),
            context: try ComputeContext(threadCount: 2))
        _ = try merge.write(to: folder.file("out"))
        let file = try SafetensorsFile(path: folder.file("out/model.safetensors"))
        #expect(file.tensors.allSatisfy { $0.dtype == .bf16 })
    }

    @Test func aMergeDestroysNothing() throws {
        let folder = try TestFiles.temporaryFolder()
        let adapter = folder.file("adapter")
        try FileSystem.createFolder(adapter)
        for name in ["adapter_config.json", "adapter_model.safetensors"] {
            try AtomicFile.write(
                TestFiles.bytes(TestFiles.fixture("adapters/gpt2-all/\(name)")),
                to: "\(adapter)/\(name)")
        }
        let merge = try AdapterMerge(
            model("gpt2-all"), adapter: adapter, context: try ComputeContext(threadCount: 1))
        let output = folder.file("out")
        _ = try merge.write(to: output)
        #expect(throws: SwiftletError(.cannotCreate, "")) { try merge.write(to: output) }
        _ = try merge.write(to: output, force: true)
        // Not over the adapter, even if asked to.
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try merge.write(to: adapter, force: true)
        }
        #expect(FileSystem.isFile("\(adapter)/adapter_model.safetensors"))
        #expect(try FileSystem.names(in: folder.path).sorted() == ["adapter", "out"])
    }

    /// GPT-NeoX's head was `embed_out` in older versions of its class, and is in checkpoints.
    @Test func anOlderNameOfTheHeadIsUnderstood() throws {
        let (folder, name) = (try TestFiles.temporaryFolder(), "gpt_neox-tied-head")
        let (source, copy) = (TestFiles.fixture("adapters/\(name)"), folder.file("adapter"))
        try FileSystem.createFolder(copy)
        let text = String(
            decoding: try TestFiles.bytes("\(source)/adapter_config.json"), as: UTF8.self)
        try AtomicFile.write(
            Array(text.replacing("lm_head", with: "embed_out").utf8),
            to: "\(copy)/adapter_config.json")
        let file = try SafetensorsFile(path: "\(source)/adapter_model.safetensors")
        let renamed = file.tensors.map {
            $0.renamed($0.name.replacing("lm_head", with: "embed_out"))
        }
        #expect(renamed.contains { $0.name.contains("embed_out.lora_A") })
        let writer = try SafetensorsWriter(
            path: "\(copy)/adapter_model.safetensors",
            tensors: renamed.map { ($0.name, $0.dtype, $0.shape) })
        for tensor in renamed { try writer.write(try tensor.bytes) }
        try writer.commit()
        let golden = try golden(name)
        try check(model(name).adapted(by: copy), golden)
        // Trained on, it gets the name of today.
        let adapter = try AdapterFolder(copy)
        let parameters = try ParameterSet(
            model(name), adapters: adapter.configuration, startingFrom: adapter, seed: 1)
        #expect(
            parameters.parameters.contains {
                $0.checkpointName == "base_model.model.lm_head.lora_A.weight"
            })
        let targets = try adapter.configuration.json(for: model(name), taskType: "CAUSAL_LM")
            .strings("target_modules")
        #expect(targets.contains("lm_head") && !targets.contains("embed_out"))
    }
}
