import SwiftletBytes
import SwiftletCheckpoint
import Testing
import _SwiftletTestSupport

/// Checkpoints whose own head is replaced by a classification head of zeros.
@Suite("Fresh classification heads")
struct FreshHeadTests {
    private func resolved(_ name: String) throws -> ResolvedCheckpoint {
        let checkpoint = try Checkpoint(path: fixture("decoders/\(name)"))
        return try checkpoint.resolved(try #require(checkpoint.configuration))
    }

    @Test(
        "names and prefixes are those of the family's class",
        arguments: [
            ("gpt2", "GPT2ForSequenceClassification", "transformer.", 32),
            ("opt", "OPTForSequenceClassification", "model.decoder.", 32),
            ("opt-bare", "OPTForSequenceClassification", "model.decoder.", 32),
            ("opt-350m", "OPTForSequenceClassification", "model.decoder.", 20),
            ("gpt_neox", "GPTNeoXForSequenceClassification", "gpt_neox.", 32),
            ("llama", "LlamaForSequenceClassification", "model.", 32),
            ("llama-3-tied", "LlamaForSequenceClassification", "model.", 32),
            ("qwen2", "Qwen2ForSequenceClassification", "model.", 32),
            ("qwen3", "Qwen3ForSequenceClassification", "model.", 32),
            ("gpt2-classes", "GPT2ForSequenceClassification", "transformer.", 32),
        ])
    func names(_ name: String, _ architecture: String, _ prefix: String, _ width: Int) throws {
        let source = try resolved(name)
        let changed = try source.withClassificationHead(labels: ["a", "b", "c"])
        #expect(changed.isComplete && !changed.tiesHead)
        #expect(changed.configuration.head == .classes)
        #expect(changed.configuration.object["architectures"] == .array([.string(architecture)]))
        let names = changed.modelTensors.map(\.tensor.name)
        #expect(names.filter { !$0.hasPrefix(prefix) } == ["score.weight"])
        let head = try changed.required("classifier.weight")
        #expect(head.shape == [3, width])
        #expect(try head.floats().allSatisfy { $0 == 0 })
        #expect(changed.tensors["head.weight"] == nil)
        // The body is the source's, tensor by tensor.
        for item in source.modelTensors
        where item.canonical != "head.weight" && item.canonical != "classifier.weight" {
            let kept = try changed.required(item.canonical)
            #expect(kept.shape == item.tensor.shape)
            #expect(try kept.floats() == item.tensor.floats())
        }
    }

    @Test(
        "tensors have the names of a checkpoint that transformers saves",
        arguments: [
            "gpt2", "gpt_neox", "llama", "opt-350m", "qwen2",
        ])
    func savedNames(_ name: String) throws {
        let family = name == "opt-350m" ? "opt" : name
        let saved = try Checkpoint(path: fixture("decoders/\(family)-classes")).tensors.map(\.name)
        let made = try resolved(name).withClassificationHead(labels: ["a", "b"])
            .modelTensors.map(\.tensor.name)
        // The sources have two layers, the classifiers one.
        let firstLayer = made.filter { !$0.contains(".1.") }
        #expect(Set(firstLayer) == Set(saved))
        #expect(Set(made).count == made.count)
    }

    @Test(
        "the head has the dtype of the body",
        arguments: [
            ("llama-bf16", DType.bf16), ("gpt_neox-f16", DType.f16), ("llama", DType.f32),
        ])
    func dtypes(_ name: String, _ dtype: DType) throws {
        let head = try resolved(name).withClassificationHead(labels: ["a", "b"])
            .required("classifier.weight")
        #expect(head.dtype == dtype)
    }

    @Test("the configuration names the class and the labels, and keeps the rest")
    func configuration() throws {
        let source = try resolved("llama")
        let object = try source.withClassificationHead(labels: ["no", "yes"]).configuration.object
        #expect(object["id2label"]?["0"] == .string("no"))
        #expect(object["id2label"]?["1"] == .string("yes"))
        #expect(object["label2id"]?["no"]?.int == 0 && object["label2id"]?["yes"]?.int == 1)
        #expect(object["problem_type"] == .string("single_label_classification"))
        // transformers counts the names, so that no second number can disagree with them.
        #expect(object["num_labels"] == nil)
        let written = ["architectures", "id2label", "label2id", "problem_type"]
        for pair in source.configuration.object.pairs where !written.contains(pair.key) {
            #expect(object[pair.key] == pair.value)
        }
    }

    @Test("labels that the source has are replaced, and so is their number")
    func replacedLabels() throws {
        let checkpoint = try Checkpoint(path: fixture("decoders/gpt2-classes"))
        var object = try #require(checkpoint.configuration?.object)
        object["num_labels"] = JSONValue(3)
        let source = try checkpoint.resolved(ModelConfiguration(object: object, path: ""))
        let changed = try source.withClassificationHead(labels: ["x", "y"])
        #expect(changed.configuration.object["num_labels"]?.int == 2)
        #expect(changed.configuration.object["label2id"]?.object?.pairs.map(\.key) == ["x", "y"])
        let labels = try #require(changed.configuration.labels)
        #expect(labels.count == 2 && labels[0] == "x" && labels[1] == "y")
    }

    @Test("a family without such a class is refused", arguments: ["qwen", "qwen-ntk-tied"])
    func refusal(_ name: String) throws {
        let error = #expect(throws: SwiftletError.self) {
            try resolved(name).withClassificationHead(labels: ["a", "b"])
        }
        #expect(error?.code == .noSuchHead && error?.code.kind.rawValue == 69)
        #expect(error?.file == fixture("decoders/\(name)"))
    }
}
