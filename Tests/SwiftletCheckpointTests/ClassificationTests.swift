import SwiftletBytes
import SwiftletCheckpoint
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

/// Checkpoints with a classification head instead of a language-model head.
@Suite("Classification heads")
struct ClassificationTests {
    static let folders = ["gpt2", "opt", "gpt_neox", "qwen2", "llama"]

    private func checkpoint(_ family: String) throws -> Checkpoint {
        try Checkpoint(path: fixture("decoders/\(family)-classes"))
    }

    @Test("the classification head is the model's only head", arguments: folders)
    func inspection(_ family: String) throws {
        let inspection = try CheckpointInspection(try checkpoint(family))
        let resolved = try #require(inspection.resolved)
        #expect(inspection.isComplete && inspection.notes.isEmpty)
        #expect(resolved.configuration.head == .classes)
        #expect(resolved.configuration.labels?.count == 3)
        let width = family == "opt" ? 20 : 32
        #expect(try resolved.required("classifier.weight").shape == [3, width])
        #expect(resolved.tensors["head.weight"] == nil)
        let tensors = try checkpoint(family).tensors
        #expect(inspection.parameters == tensors.reduce(0) { $0 + $1.elementCount })
    }

    @Test("the head is missing from, or unexpected in, another class", arguments: folders)
    func otherClasses(_ family: String) throws {
        let checkpoint = try checkpoint(family)
        var object = try #require(checkpoint.configuration?.object)
        // A language model with a tied head has one tensor fewer.
        object["architectures"] = .null
        object["tie_word_embeddings"] = .bool(true)
        let model = try checkpoint.resolved(ModelConfiguration(object: object, path: ""))
        #expect(model.unexpected == ["score.weight"] && model.missing.isEmpty)
        #expect(model.configuration.labels == nil)
        #expect(model.configuration.dimensions["labelCount"] == nil)

        let language = try Checkpoint(path: fixture("decoders/\(family)"))
        var changed = try #require(language.configuration?.object)
        let labels = try #require(checkpoint.configuration)
        changed["architectures"] = labels.object["architectures"]
        let classes = try language.resolved(ModelConfiguration(object: changed, path: ""))
        #expect(classes.missing == ["score.weight"])
        changed = try #require(checkpoint.configuration?.object)
        changed["id2label"] = .null
        changed["num_labels"] = JSONValue(4)
        let four = try checkpoint.resolved(ModelConfiguration(object: changed, path: ""))
        #expect(four.misshapen.map(\.name) == ["score.weight"])
        #expect(four.misshapen.first?.expected.first == 4)
    }

    @Test("the head of a single file identifies its class", arguments: folders)
    func lone(_ family: String) throws {
        let path = fixture("decoders/\(family)-classes/model.safetensors")
        let checkpoint = try Checkpoint(path: path)
        #expect(checkpoint.family == family)
        let folder = try TestFiles.temporaryFolder()
        _ = try CheckpointConverter.convert(
            source: path, destination: folder.file("out.safetensors"))
        #expect(try TestFiles.bytes(folder.file("out.safetensors")) == TestFiles.bytes(path))
        let language = try Checkpoint(path: fixture("decoders/\(family)"))
        let comparison = try CheckpointComparison.compare(checkpoint, language)
        #expect(comparison.onlyInA.contains("classifier.weight"))
        #expect(!comparison.onlyInB.contains("classifier.weight"))
    }

    @Test("a single file with two heads is refused")
    func twoHeads() throws {
        let folder = try TestFiles.temporaryFolder()
        let tensors = try SafetensorsFile(
            path: fixture("decoders/llama-classes/model.safetensors")
        ).tensors
        let embedding = try #require(tensors.first { $0.name.hasSuffix("embed_tokens.weight") })
        try write(
            tensors + [embedding.renamed("lm_head.weight")], to: folder.file("in.safetensors"))
        do throws(SwiftletError) {
            _ = try CheckpointConverter.convert(
                source: folder.file("in.safetensors"), destination: folder.file("out"))
            Issue.record("converted")
        } catch {
            #expect(error.code == .tensorMismatch)
            #expect(error.reason.contains("lm_head.weight, score.weight"))
        }
    }

    /// The labels that transformers 5.23 reads from these keys.
    @Test(
        "labels",
        arguments: [
            ("", ["LABEL_0", "LABEL_1"]), (#""id2label": null"#, ["LABEL_0", "LABEL_1"]),
            (#""num_labels": 1"#, ["LABEL_0"]), (#""id2label": {"0": "a"}"#, ["a"]),
            (#""id2label": {"1": "b", "0": "a", "2": "c"}"#, ["a", "b", "c"]),
            (#""id2label": {"0": 0, "1": "x"}"#, ["0", "x"]),
            (#""id2label": {"00": "a", "1": "b"}"#, ["a", "b"]),
            (#""id2label": {"1": "a", "2": "b"}"#, ["LABEL_0", "a"]),
            (#""id2label": {"0": "a", "1": "b"}, "num_labels": 2"#, ["a", "b"]),
            (#""id2label": {"0": "a"}, "num_labels": 2"#, ["LABEL_0", "LABEL_1"]),
            (#""id2label": null, "num_labels": 3"#, ["LABEL_0", "LABEL_1", "LABEL_2"]),
            (#""label2id": {"a": 0, "b": 1, "c": 2}"#, ["LABEL_0", "LABEL_1"]),
        ])
    func labels(_ keys: String, _ names: [String]) throws {
        let labels = try #require(try configuration(keys).labels)
        #expect(labels.count == names.count)
        #expect(names.indices.map { labels[$0] } == names)
    }

    @Test(
        "invalid labels",
        arguments: [
            (#""id2label": {}"#, "id2label"), (#""id2label": ["a", "b"]"#, "id2label"),
            (#""id2label": {"x": "a"}"#, "id2label"), (#""num_labels": 0"#, "num_labels"),
            (#""num_labels": null"#, "num_labels"), (#""num_labels": "3""#, "num_labels"),
            (#""num_labels": -1"#, "num_labels"), (#""num_labels": 2147483648"#, "num_labels"),
            (#""id2label": {"0": "a"}, "num_labels": 2.5"#, "num_labels"),
        ])
    func wrongLabels(_ keys: String, _ key: String) throws {
        do throws(SwiftletError) {
            _ = try configuration(keys)
            Issue.record("accepted")
        } catch let error {
            #expect(error.code == .configurationValue)
            #expect(error.place == "key \"\(key)\"")
        }
        // A language model ignores them.
        _ = try configuration(keys, architecture: "LlamaForCausalLM")
    }

    private func configuration(
        _ keys: String, architecture: String = "LlamaForSequenceClassification"
    ) throws(SwiftletError) -> ModelConfiguration {
        let text =
            #"{"model_type": "llama", "architectures": ["\#(architecture)"]"#
            + (keys.isEmpty ? "}" : ", \(keys)}")
        guard let object = try JSONValue.parse(ByteView(Array(text.utf8))).object else {
            throw SwiftletError(.configurationForm, "")
        }
        return try ModelConfiguration(object: object, path: "config.json")
    }

    @Test("a fresh head is distributed like the other matrices")
    func initialization() throws {
        let folder = try TestFiles.temporaryFolder()
        let config =
            #"{"model_type": "opt", "architectures": ["OPTForSequenceClassification"], "#
            + #""vocab_size": 4, "hidden_size": 64, "ffn_dim": 4, "num_attention_heads": 1, "#
            + #""num_hidden_layers": 1, "max_position_embeddings": 4, "word_embed_proj_dim": 32, "#
            + #""num_labels": 200, "init_std": 0.5}"#
        try AtomicFile.write(Array(config.utf8), to: folder.file("config.json"))
        _ = try CheckpointInitializer.initialize(
            configPath: folder.file("config.json"), folder: folder.file("out"))
        let checkpoint = try Checkpoint(path: folder.file("out"))
        let resolved = try checkpoint.resolved(try #require(checkpoint.configuration))
        #expect(resolved.isComplete && resolved.notes.isEmpty)
        let values = try resolved.required("classifier.weight").floats()
        #expect(values.count == 6400)
        let squares = values.reduce(0) { $0 + Double($1) * Double($1) } / 6400
        #expect(abs(squares.squareRoot() - 0.5) < 0.02)
    }
}
