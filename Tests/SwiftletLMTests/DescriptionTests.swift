import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

@Suite struct DescriptionTests {
    private func description(_ changes: JSONObject) throws -> DecoderDescription {
        var object = try #require(try GoldenFile.json("gpt2-tiny/config.json").object)
        for pair in changes.pairs { object[pair.key] = pair.value }
        return try DecoderDescription(
            ModelConfiguration(object: object, path: "config.json"), tiesHead: true)
    }

    @Test func keysChangeTheDescription() throws {
        #expect(try description([:]).wiring.activation == .geluTanh)
        #expect(
            try description(["activation_function": .string("silu")]).wiring.activation == .silu)
        #expect(try description(["n_inner": JSONValue(100)]).feedForwardSize == 100)
        let unscaled = try description(["scale_attn_weights": .bool(false)])
        #expect(unscaled.attention(layer: 1).scale == 1)
        let byLayer = try description(["scale_attn_by_inverse_layer_idx": .bool(true)])
        #expect(byLayer.attention(layer: 2).scale == byLayer.attention(layer: 0).scale / 3)
    }

    @Test func unsupportedKeysAreRefused() {
        #expect(throws: SwiftletError(.unsupportedKey, "")) {
            try description(["activation_function": .string("laplace")])
        }
        #expect(throws: SwiftletError(.unsupportedKey, "")) {
            try description(["add_cross_attention": .bool(true)])
        }
        #expect(throws: SwiftletError(.configurationValue, "")) {
            try description(["layer_norm_epsilon": .string("small")])
        }
        #expect(throws: SwiftletError(.unknownFamily, "")) {
            try description(["model_type": .string("mamba")])
        }
    }

    /// The description of a decoder fixture with some keys changed.
    private func decoder(_ folder: String, _ changes: JSONObject) throws -> DecoderDescription {
        let file = try GoldenFile.json("decoders/\(folder)/config.json")
        var object = try #require(file.object)
        for pair in changes.pairs { object[pair.key] = pair.value }
        return try DecoderDescription(
            ModelConfiguration(object: object, path: "config.json"), tiesHead: false)
    }

    private func object(_ text: String) throws -> JSONObject {
        let value = try JSONValue.parse(ByteView(Array(text.utf8)))
        return try #require(value.object)
    }

    @Test func familiesDifferInTheirWiring() throws {
        let opt = try decoder("opt-350m", [:])
        #expect(opt.wiring.normPlacement == .post && !opt.wiring.hasFinalNorm)
        #expect(opt.wiring.positions == .learned(offset: 2))
        #expect(opt.embeddingSize == 20 && opt.maximumLength == 64)
        let neox = try decoder("gpt_neox", [:])
        #expect(neox.wiring.residual == .parallel && neox.queryKeyValueLayout == .interleaved)
        #expect(neox.rotary?.dimensions == neox.headSize / 4)
        let llama = try decoder("llama-2", [:])
        #expect(llama.wiring.norm.kind == .rms && llama.keyValueHeadCount == 1)
        #expect(llama.maximumLength > 1 << 30)
        let qwen = try decoder("qwen-long", [:])
        #expect(qwen.rotary?.scaling == .dynamicSteps(trainedLength: 8))
        #expect(qwen.wiring.logarithmicScalingLength == 8)
        #expect(qwen.whileTraining.rotary?.scaling == RotaryEmbedding.Scaling.none)
        #expect(qwen.whileTraining.wiring.logarithmicScalingLength == nil)
    }

    /// Configurations that are unsupported or make no sense, with the key at fault.
    @Test(arguments: [
        ("llama", #"{"hidden_act":"xielu"}"#, "hidden_act", true),
        ("llama", #"{"rope_scaling":{"rope_type":"longrope","factor":2}}"#, "rope_type", true),
        ("llama", #"{"rope_scaling":{"type":"linear"}}"#, "factor", false),
        ("llama", #"{"rope_scaling":{"type":"linear","factor":-1}}"#, "factor", false),
        ("llama", #"{"rope_scaling":7}"#, "rope_scaling", false),
        (
            "llama", #"{"rope_scaling":{"type":"linear","factor":2,"partial_rotary_factor":0.5}}"#,
            "partial_rotary_factor", true
        ),
        (
            "llama",
            #"{"rope_scaling":{"rope_type":"llama3","factor":2,"low_freq_factor":4,"high_freq_factor":1}}"#,
            "high_freq_factor", false
        ),
        ("llama", #"{"num_key_value_heads":3}"#, "num_key_value_heads", false),
        ("llama", #"{"rms_norm_eps":0}"#, "rms_norm_eps", false),
        ("gpt_neox", #"{"rotary_pct":1.5}"#, "rotary_pct", false),
        ("gpt_neox", #"{"rotary_pct":0.1}"#, "rotary_pct", false),
        ("gpt_neox", #"{"use_parallel_residual":"yes"}"#, "use_parallel_residual", false),
        ("qwen2", #"{"use_mrope":true}"#, "use_mrope", true),
        (
            "qwen2", #"{"use_sliding_window":true,"sliding_window":8,"max_window_layers":0}"#,
            "use_sliding_window", true
        ),
        ("qwen", #"{"seq_length":"long"}"#, "seq_length", false),
        ("qwen", #"{"seq_length":0}"#, "seq_length", false),
        ("qwen", #"{"seq_length":1}"#, "seq_length", false),
        (
            "llama",
            #"{"rope_scaling":{"type":"yarn","factor":2,"original_max_position_embeddings":0}}"#,
            "original_max_position_embeddings", false
        ),
    ])
    func keysAreRefusedByName(
        _ folder: String, _ changes: String, _ key: String, _ isUnsupported: Bool
    ) throws {
        do {
            _ = try decoder(folder, try object(changes))
            Issue.record("accepted")
        } catch let error as SwiftletError {
            #expect(error.code == (isUnsupported ? .unsupportedKey : .configurationValue))
            #expect(error.place?.hasSuffix("\(key)\"") == true, "\(error)")
        }
    }

    @Test func windowsThatDoNotMatterAreAccepted() throws {
        for changes in [
            #"{"use_sliding_window":true,"sliding_window":64,"max_window_layers":0}"#,
            #"{"use_sliding_window":true,"sliding_window":8,"max_window_layers":2}"#,
            #"{"use_sliding_window":false,"sliding_window":8,"max_window_layers":0}"#,
        ] {
            let description = try decoder("qwen2", try object(changes))
            // Longer texts would have other numbers in the reference.
            let slides = changes.contains("64")
            #expect(description.maximumLength == (slides ? 64 : Int(Int32.max)))
        }
    }
}
