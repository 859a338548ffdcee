import SwiftletBytes
import SwiftletHDF5
import Testing

/// A file in memory: lists by "GROUP attribute", and the paths of its datasets.
private struct Source: KerasLayerSource {
    let root = ""
    var lists: [String: [String]]
    var datasets: Set<String>

    func object(
        _ path: String, in group: String
    ) throws(SwiftletError) -> KerasLayerObject<String, String>? {
        let path = group.isEmpty ? path : "\(group)/\(path)"
        if datasets.contains(path) { return .dataset(path) }
        return datasets.contains { $0.hasPrefix("\(path)/") } ? .group(path) : nil
    }

    func lists(
        of group: String
    ) throws(SwiftletError) -> (_ attribute: String) throws(SwiftletError) -> [String]? {
        { (name) throws(SwiftletError) in lists["\(group) \(name)"] }
    }
}

@Suite("The walk over the layers of Keras")
struct KerasLayersTests {
    private func weights(
        _ lists: [String: [String]], _ datasets: Set<String>
    ) throws(SwiftletError) -> [String]? {
        guard var layers = try KerasLayers(Source(lists: lists, datasets: datasets)) else {
            return nil
        }
        return try layers.weights().map { "\($0.layer) \($0.name) \($0.dataset)" }
    }

    @Test("weights are in the order of the lists, those of the model itself last")
    func order() throws {
        let found = try weights(
            [
                " layer_names": ["b", "a"], "b weight_names": ["y", "x"], "a weight_names": ["z/z"],
                "top_level_model_weights weight_names": ["t"],
            ],
            ["a/z/z", "b/x", "b/y", "top_level_model_weights/t", "unlisted"])
        #expect(
            found == ["b y b/y", "b x b/x", "a z/z a/z/z"]
                + ["top_level_model_weights t top_level_model_weights/t"])
    }

    @Test("the lists of a whole model are in model_weights; a file may have none")
    func group() throws {
        let found = try weights(
            ["model_weights layer_names": ["a"], "model_weights/a weight_names": ["x"]],
            ["model_weights/a/x"])
        #expect(found == ["a x model_weights/a/x"])
        #expect(try weights([:], ["a/x"]) == nil)
    }

    @Test("a list of layers may be split, and may consist of weights")
    func forms() throws {
        let found = try weights([" layer_names0": ["a"], " layer_names1": ["b"]], ["a", "b"])
        #expect(found == ["a a a", "b b b"])
    }

    @Test(
        "duplicates and missing objects are refused",
        arguments: [
            [" layer_names": ["a", "a"], "a weight_names": ["x"]],
            [" layer_names": ["a"], "a weight_names": ["x", "x"]],
            [" layer_names": ["a", "b"], "a weight_names": ["x"]],
            [" layer_names": ["a"], "a weight_names": ["y"]],
            [" layer_names": ["a"]],
        ])
    func refused(_ lists: [String: [String]]) {
        #expect(throws: SwiftletError(.hdf5Keras, "")) { try weights(lists, ["a/x"]) }
    }
}
