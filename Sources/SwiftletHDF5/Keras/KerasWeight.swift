import SwiftletBytes

/// One weight as Keras 2 saves it (`tf_model.h5`, `model.h5`): a layer's, under a name of its own.
public struct KerasWeight: Sendable {
    /// The layer, as `layer_names` has it; `top_level_model_weights` for weights of no layer; in a
    /// shard of transformers, whose `layer_names` are weights, the same as ``name``.
    public let layer: String
    /// The weight, as the layer's `weight_names` has it: `bert/encoder/kernel:0`.
    public let name: String
    /// The numbers.
    public let dataset: HDF5Dataset
}

/// One weight as Keras 3 saves it (`model.weights.h5`): a number below an object's `vars`.
public struct KerasVariable: Sendable {
    /// The object's path: `layers/dense`; empty for the model itself.
    public let object: String
    /// The object's name, where Keras wrote it (attribute `name` of `vars`).
    public let objectName: String?
    /// The name below `vars`: `0`, `1`, …
    public let name: String
    /// The numbers.
    public let dataset: HDF5Dataset
}
