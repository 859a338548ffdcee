import SwiftletBytes

/// The names and layouts of weights in transformers' TensorFlow classes, compared with its PyTorch
/// classes (transformers 4, `modeling_tf_pytorch_utils.py`).
enum KerasNames {
    /// Converts a weight to the layout of the PyTorch class.
    ///
    /// - Parameters:
    ///   - tensor: the weight in the file.
    ///   - layer: the layer that lists the weight; equal to `name` in a shard.
    ///   - name: the weight's name in the layer's list.
    /// - Returns: the kernel of a dense layer with one row per output, or a bias with one row as a
    ///   vector.
    static func familyTensor(
        _ tensor: StoredTensor, layer: String, name: String
    ) -> FamilyTensor {
        let (name, isKernel) = moduleName(layer: layer, name: name)
        var tensor = tensor
        if isKernel, let transposed = tensor.transposed() { tensor = transposed }
        if name.hasSuffix("bias"), tensor.shape.count == 2, tensor.shape[0] == 1,
            let vector = tensor.reshaped([tensor.shape[1]])
        {
            tensor = vector
        }
        return FamilyTensor(name: name, tensor: tensor)
    }

    /// Returns the name in the PyTorch class, and whether the weight is the kernel of a dense layer.
    static func moduleName(layer: String, name: String) -> (name: String, isKernel: Bool) {
        var levels = parts(name, between: "/")
        if let last = levels.last, last.hasSuffix(":0") {
            levels[levels.count - 1] = String(last.dropLast(2))
        }
        // `a___b` stands for `b`, and `_._` separates levels.
        levels = levels.enumerated().flatMap { position, level in
            let isInside = position > 0 && position < levels.count - 1
            let parts = isInside ? self.parts(level, between: "___") : [level]
            return self.parts(parts.last ?? level, between: "_._")
        }
        levels.removeAll { $0.isEmpty }
        // The first level is the model, except in shards, whose weights are layers of the file.
        if layer != name, levels.count > 1 { levels.removeFirst() }
        let kind = levels.last ?? ""
        if let name = renamed[kind] { levels[levels.count - 1] = name }
        return (levels.joined(separator: "."), kind == "kernel")
    }

    /// Returns the name of a weight in a shard: without the model.
    static func nameInShard(_ name: String) -> String {
        name.split(separator: "/", maxSplits: 1).last.map(String.init) ?? name
    }

    /// Returns the layer of the model that a weight belongs to: the level below the model.
    static func layer(_ name: String) -> String {
        String(nameInShard(name).prefix { $0 != "/" })
    }

    /// Returns a tensor in the layout of transformers' TensorFlow class; nil if the class does not have
    /// it.
    static func kerasTensor(
        _ tensor: StoredTensor, _ row: NameMap.Row, layer: Int, names: NameMap, model: String
    ) -> StoredTensor? {
        guard let name = names.kerasName(row, layer: layer, model: model) else { return nil }
        var tensor = tensor
        if name.hasSuffix("/kernel:0") {
            guard let kernel = tensor.transposed() else { return nil }
            tensor = kernel
        }
        if row.isKerasRow {
            guard let matrix = tensor.reshaped([1] + tensor.shape) else { return nil }
            tensor = matrix
        }
        return tensor.renamed(name)
    }

    private static let renamed = [
        "kernel": "weight", "embeddings": "weight", "gamma": "weight", "beta": "bias",
    ]

    /// Returns the parts of a text between separators.
    private static func parts(_ text: String, between separator: String) -> [String] {
        let (bytes, mark) = (Array(text.utf8), Array(separator.utf8))
        var parts: [String] = []
        var start = 0
        var position = 0
        while position + mark.count <= bytes.count {
            if bytes[position..<position + mark.count].elementsEqual(mark) {
                parts.append(String(decoding: bytes[start..<position], as: UTF8.self))
                position += mark.count
                start = position
            } else {
                position += 1
            }
        }
        return parts + [String(decoding: bytes[start...], as: UTF8.self)]
    }
}
