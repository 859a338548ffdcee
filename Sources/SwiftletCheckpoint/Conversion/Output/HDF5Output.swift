import SwiftletBytes
import SwiftletHDF5Library

/// `model.h5`: arrays by name, pairs as attributes of the root.
struct PlainHDF5Output: WeightOutput {
    /// The pairs of each file.
    var metadata: [(key: String, value: String)]

    /// Whether a pair can be an attribute, and means nothing to readers of Keras's layout.
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
/// Tensors are declared by the names that Keras gives to weights, `model/layer/…/kernel:0`.
struct KerasOutput: WeightOutput {
    var stem: String { "tf_model" }
    var ending: String { ".h5" }
    var indexHasParameters: Bool { false }

    /// The version of Keras whose layout this is.
    private static let kerasVersion = "2.15.0"

    func fileOrder(_ tensors: [TensorDeclaration]) -> [TensorDeclaration] { tensors }

    func writer(
        path: String, tensors: [TensorDeclaration], isShard: Bool
    ) throws(SwiftletError) -> any WeightFileWriter {
        let names = tensors.map(\.name)
        if isShard {
            // Each weight is a layer of its own, without the model in front.
            let paths = names.map(KerasNames.nameInShard)
            return try HDF5Writer(
                path: path, arrays: Self.renamed(tensors, paths),
                attributes: Self.list("layer_names", of: "/", paths))
        }
        // The body is one layer, a head that has a weight another.
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

    /// The most bytes of one attribute.
    private static let attributeLimit = 64_512

    /// A list of texts of one length as an attribute, or as several `name0`, `name1`, … of about
    /// equal size where one would be too large for an object's header.
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
