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
        #expect(try description([:]).choices.activation == .geluTanh)
        #expect(
            try description(["activation_function": .string("silu")]).choices.activation == .silu)
        #expect(try description(["n_inner": JSONValue(100)]).feedForwardSize == 100)
        let unscaled = try description(["scale_attn_weights": .bool(false)])
        #expect(unscaled.attention(layer: 1).scale == 1)
        let byLayer = try description(["scale_attn_by_inverse_layer_idx": .bool(true)])
        #expect(byLayer.attention(layer: 2).scale == byLayer.attention(layer: 0).scale / 3)
    }

    @Test func whatCannotBeDoneIsRefusedByName() {
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
}
