import SwiftletBytes
import SwiftletCheckpoint
import Testing

@Suite("Name maps")
struct NameMapTests {
    @Test("every family's map can be read, and its names are unique")
    func all() throws {
        for family in NameMap.families {
            let map = try NameMap(family: family)
            #expect(map.family == family)
            #expect(Set(map.rows.map(\.name)).count == map.rows.count)
            #expect(Set(map.rows.map(\.checkpointName)).count == map.rows.count)
            for row in map.rows {
                #expect(row.name.contains("{i}") == row.isPerLayer)
                #expect((row.order != nil) == (row.shape.count == 2))
                #expect((row.fusion != nil) == row.name.contains("queryKeyValue"))
            }
            // Every head of a class has a row, and every head's row has a class.
            #expect(
                Set(map.rows.compactMap(\.head)) == Set(map.architectures.compactMap(\.head)))
            #expect(map.architectures[0].head == .language)
            #expect(map.modelTypes.contains(family))
            #expect(try NameMap(modelType: family).family == family)
        }
    }

    @Test("the canonical names of GPT-2")
    func gpt2() throws {
        let map = try NameMap(family: "gpt2")
        #expect(
            map.rows.map(\.name) == [
                "tokenEmbedding.weight", "positionEmbedding.weight",
                "layers.{i}.attentionNorm.weight", "layers.{i}.attentionNorm.bias",
                "layers.{i}.attention.queryKeyValue.weight",
                "layers.{i}.attention.queryKeyValue.bias",
                "layers.{i}.attention.output.weight", "layers.{i}.attention.output.bias",
                "layers.{i}.feedForwardNorm.weight", "layers.{i}.feedForwardNorm.bias",
                "layers.{i}.feedForward.up.weight", "layers.{i}.feedForward.up.bias",
                "layers.{i}.feedForward.down.weight", "layers.{i}.feedForward.down.bias",
                "finalNorm.weight", "finalNorm.bias", "head.weight", "classifier.weight",
            ])
        let row = try #require(map.rows.first { $0.name.hasSuffix("queryKeyValue.weight") })
        #expect(row.order == .inOut)
        #expect(row.shape.map { $0.value(["hiddenSize": 4]) } == [4, 12])
        #expect(row.shape[1].value(["hiddenSize": .max]) == nil)
        #expect(row.shape[1].value([:]) == nil)
    }

    @Test("the same part has the same name in every family")
    func canonicalNames() throws {
        var names: Set<String> = []
        for family in NameMap.families {
            for row in try NameMap(family: family).rows {
                names.insert(row.name.split(separator: ".").dropLast().joined(separator: "."))
            }
        }
        #expect(
            names == [
                "tokenEmbedding", "positionEmbedding", "inputProjection", "outputProjection",
                "layers.{i}.attentionNorm", "layers.{i}.attention.queryKeyValue",
                "layers.{i}.attention.query", "layers.{i}.attention.key",
                "layers.{i}.attention.value", "layers.{i}.attention.queryNorm",
                "layers.{i}.attention.keyNorm", "layers.{i}.attention.output",
                "layers.{i}.feedForwardNorm", "layers.{i}.feedForward.gate",
                "layers.{i}.feedForward.up", "layers.{i}.feedForward.down", "finalNorm", "head",
                "classifier",
            ])
    }

    @Test(
        "the gate of Qwen's first generation is its second matrix, and its attention is in thirds")
    func qwen() throws {
        let rows = try NameMap(family: "qwen").rows
        #expect(
            rows.first { $0.name.hasSuffix("gate.weight") }?.checkpointName == "h.{i}.mlp.w2.weight"
        )
        #expect(rows.first { $0.fusion != nil }?.fusion == .thirds)
        let neox = try NameMap(family: "gpt_neox").rows
        #expect(neox.first { $0.fusion != nil }?.fusion == .heads)
    }

    @Test("conditions and sums")
    func conditions() throws {
        let rows = try NameMap(family: "opt").rows
        let projection = try #require(rows.first { $0.name == "inputProjection.weight" })
        let condition = try #require(projection.conditions.first)
        #expect(condition.holds(["embeddingSize": 4, "hiddenSize": 8], [:]))
        #expect(!condition.holds(["embeddingSize": 8, "hiddenSize": 8], [:]))
        #expect(!condition.holds(["hiddenSize": 8], [:]))
        let norm = try #require(rows.first { $0.name == "finalNorm.bias" })
        func holds(_ flags: [String: Bool]) -> Bool {
            norm.conditions.allSatisfy { $0.holds([:], flags) }
        }
        var flags = ["normsBefore": true, "removesFinalNorm": false, "hasNormWeights": true]
        #expect(holds(flags))
        for key in flags.keys {
            var other = flags
            other[key]?.toggle()
            #expect(!holds(other))
        }
        flags["removesFinalNorm"] = nil
        #expect(!holds(flags))
        let opt = try ModelConfiguration(object: ["model_type": .string("opt")], path: "")
        #expect(opt.dimensions["positionRows"] == 2050)
        #expect(opt.flags["normsBefore"] == true)
    }
}
