import SwiftletBytes
import SwiftletHDF5Library

/// `model.h5`: arrays by name, with the metadata as attributes of the root group.
struct PlainHDF5Output: WeightOutput {
    /// The metadata of each file.
    var metadata: [(key: String, value: String)]

    /// Whether a pair can be stored as an attribute without a meaning for readers of Keras' layout.
    static func canKeep(_ pair: (key: String, value: String)) -> Bool {
        !pair.key.isEmpty && pair.key.utf8.count + pair.value.utf8.count <= 64_000
            && !pair.key.utf8.contains(0) && !pair.value.utf8.contains(0)
            && !pair.key.hasPrefix("layer_names")
    }

    var stem: String { "model" }
    var ending: String { ".h5" }
    var indexHasParameters: Bool { true }

    func fileOrder(_ tensors: [TensorDeclaration]) -> [TensorDeclaration] { tensors }

    func writer(
        path: String, tensors: [TensorDeclaration], isShard: Bool
    ) throws(SwiftletError) -> any WeightFileWriter {
        try HDF5Writer(
            path: path, arrays: tensors,
            attributes: metadata.map { HDF5Writer.Attribute($0.key, text: $0.value) })
    }
}

/// `tf_model.h5` as transformers 4 writes it, in the layout of Keras 2 (`legacy_h5_format.py`;
/// `modeling_tf_utils.py` for shards).
///
/// Tensors are declared under the names that Keras gives to weights, such as
/// `model/layer/…/kernel:0`.
struct KerasOutput: WeightOutput {
    var stem: String { "tf_model" }
    var ending: String { ".h5" }
    var indexHasParameters: Bool { false }

    /// The version of Keras that has this layout.
    private static let kerasVersion = "2.15.0"

    func fileOrder(_ tensors: [TensorDeclaration]) -> [TensorDeclaration] { tensors }

    func writer(
        path: String, tensors: [TensorDeclaration], isShard: Bool
    ) throws(SwiftletError) -> any WeightFileWriter {
        let names = tensors.map(\.name)
        if isShard {
            // Each weight is a layer, named without the model.
            let paths = names.map(KerasNames.nameInShard)
            return try HDF5Writer(
                path: path, arrays: Self.renamed(tensors, paths),
                attributes: Self.list("layer_names", of: "/", paths))
        }
        // The body is one layer, and a head with its own weight another.
        let layers = names.map(KerasNames.layer)
        var order: [String] = []
        for layer in layers where !order.contains(layer) { order.append(layer) }
        var attributes =
            Self.list("layer_names", of: "/", order)
            + [
                HDF5Writer.Attribute("backend", text: "tensorflow"),
                HDF5Writer.Attribute("keras_version", text: Self.kerasVersion),
            ]
        for layer in order {
            let own = zip(names, layers).filter { $0.1 == layer }.map(\.0)
            attributes += Self.list("weight_names", of: layer, own)
        }
        return try HDF5Writer(
            path: path,
            arrays: Self.renamed(tensors, zip(layers, names).map { "\($0)/\($1)" }),
            attributes: attributes)
    }

    private static func renamed(
        _ tensors: [TensorDeclaration], _ names: [String]
    ) -> [TensorDeclaration] {
        zip(tensors, names).map { tensor, name in (name, tensor.dtype, tensor.shape) }
    }

    /// The maximum number of bytes of an attribute.
    private static let attributeLimit = 64_512

    /// Returns an attribute with a list of strings padded to one length, or several, `name0`, `name1`, …
    /// of about equal size, if one would be too large for an object header.
    private static func list(
        _ name: String, of group: String, _ texts: [String]
    ) -> [HDF5Writer.Attribute] {
        let longest = max(texts.map(\.utf8.count).max() ?? 1, 1)
        var parts = 1
        while (texts.count + parts - 1) / parts * longest > attributeLimit, parts < texts.count {
            parts += 1
        }
        guard parts > 1 else { return [HDF5Writer.Attribute(name, of: group, list: texts)] }
        var attributes: [HDF5Writer.Attribute] = []
        var start = 0
        for part in 0..<parts {
            let count = texts.count / parts + (part < texts.count % parts ? 1 : 0)
            attributes.append(
                HDF5Writer.Attribute(
                    "\(name)\(part)", of: group, list: Array(texts[start..<start + count])))
            start += count
        }
        return attributes
    }
}
