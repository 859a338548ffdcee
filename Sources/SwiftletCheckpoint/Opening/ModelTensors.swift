import SwiftletBytes

/// One tensor of a model: what it is, how it lies, and its bytes.
public struct ModelTensor: Sendable {
    /// The canonical name, layer filled in.
    public let canonical: String
    /// The order of a matrix; nil for vectors.
    public let order: NameMap.Order?
    /// The tensor, under the name that the model's class saves it with.
    public let tensor: StoredTensor

    /// The name of the parameter in transformers' class, by which shards are filled.
    public let moduleName: String
    /// The row of the name map, and the layer (0 outside the layers).
    let row: NameMap.Row
    let layer: Int
}

extension ResolvedCheckpoint {
    /// The model's tensors in the order of the name map, layer by layer.
    public var modelTensors: [ModelTensor] {
        let names = configuration.names
        let prefix = names.architecture(configuration.architecture).prefix
        let expected = names.expected(
            configuration.dimensions, configuration.flags, head: configuration.head)
        return (expected ?? []).compactMap { item in
            let canonical = names.canonicalName(item.row, layer: item.layer)
            guard let tensor = tensors[canonical] else { return nil }
            let name = names.checkpointName(item.row, layer: item.layer, prefix: prefix)
            return ModelTensor(
                canonical: canonical, order: item.row.order, tensor: tensor.renamed(name),
                moduleName: names.moduleName(item.row, layer: item.layer, prefix: prefix),
                row: item.row, layer: item.layer)
        }
    }
}
