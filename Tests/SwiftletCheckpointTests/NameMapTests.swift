import SwiftletBytes
import SwiftletCheckpoint
import Testing

@Suite("Name maps")
struct NameMapTests {
    @Test("every family's map reads, and its names are unique")
    func all() throws {
        for family in NameMap.families {
            let map = try NameMap(family: family)
            #expect(map.family == family)
            #expect(Set(map.rows.map(\.name)).count == map.rows.count)
            #expect(Set(map.rows.map(\.checkpointName)).count == map.rows.count)
            for row in map.rows {
                #expect(row.name.contains("{i}") == row.isPerLayer)
                #expect((row.order != nil) == (row.shape.count == 2))
            }
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
                "finalNorm.weight", "finalNorm.bias", "head.weight",
            ])
        let row = try #require(map.rows.first { $0.name.hasSuffix("queryKeyValue.weight") })
        #expect(row.order == .inOut)
        #expect(row.shape.map { $0.value(["hiddenSize": 4]) } == [4, 12])
        #expect(row.shape[1].value(["hiddenSize": .max]) == nil)
        #expect(row.shape[1].value([:]) == nil)
    }
}
