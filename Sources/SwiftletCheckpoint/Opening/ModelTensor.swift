import SwiftletBytes

/// A tensor whose place in a model is known.
public struct ModelTensor: Sendable {
    /// The canonical name, with the layer filled in.
    public let canonical: String
    /// The tensor.
    ///
    /// In ``ResolvedCheckpoint/modelTensors`` it has the name under which the model's class saves
    /// it.
    public let tensor: StoredTensor

    /// The row of the name map.
    let row: NameMap.Row
    /// The layer; 0 outside the layers.
    let layer: Int

    /// The order of a matrix's dimensions; nil for vectors.
    public var order: NameMap.Order? { row.order }
}
