import SwiftletBytes
import SwiftletHDF5
import Testing

@Suite("The two layouts of Keras")
struct KerasTests {
    @Test("tf_model.h5: layers and weights in the order of the attributes")
    func keras2() throws {
        let file = try fixture("tf_model")
        let weights = try file.kerasWeights
        let root = "tf_tiny_model/transformer"
        #expect(
            weights.map(\.name)
                == ["\(root)/wte/weight:0"]
                + (0..<3).flatMap { layer in
                    ["weight", "bias"].map { "\(root)/h_._\(layer)/attn/c_attn/\($0):0" }
                } + [
                    "\(root)/ln_f/gamma:0", "tf_tiny_model/classifier/kernel:0",
                    "tf_tiny_model/classifier/step:0",
                ])
        #expect(weights.prefix(8).allSatisfy { $0.layer == "transformer" })
        #expect(weights.suffix(2).allSatisfy { $0.layer == "classifier" })
        #expect(weights[1].dataset.shape == [4, 12])
        #expect(try weights[8].dataset.dtype == .f16)
        #expect(try weights[9].dataset.tensor().bytes.copy() == [0, 0, 0x40, 0x40])
        #expect(weights[0].dataset.path == "/transformer/\(root)/wte/weight:0")
        #expect(try file.kerasVersion == "2.15.0")
        #expect(try file.root.attribute("backend")?.string == "tensorflow")
        #expect(try file.kerasVariables.isEmpty)
    }

    @Test("lists of names that are split into several attributes")
    func cut() throws {
        let weights = try fixture("cut-names").kerasWeights
        #expect(weights.map(\.name) == ["a", "b", "c", "d"].map { "layer_03/\($0):0" })
        #expect(try fixture("cut-names").root.attribute("layer_names") == nil)
        #expect(try fixture("cut-names").root.attribute("layer_names1") != nil)
    }

    @Test("model.weights.h5: variables sorted by number, bfloat16 by its attribute")
    func keras3() throws {
        let file = try fixture("model.weights")
        let variables = try file.kerasVariables
        #expect(
            variables.map { "\($0.object) \($0.name)" }
                == ["layers/dense 0", "layers/dense 1", "layers/half 0", "layers/half 1"]
                + (0..<12).map { "layers/norm \($0)" })
        #expect(variables[0].objectName == "encoder")
        #expect(try variables[2].dataset.dtype == .bf16)
        #expect(try variables[3].dataset.dtype == .f16)
        #expect(try file.kerasWeightsGroup == nil)
        #expect(throws: SwiftletError(.hdf5Keras, "")) { try file.kerasWeights }
    }
}
