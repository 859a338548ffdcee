import SwiftletBytes

/// A weight as saved by Keras 2 (`tf_model.h5`, `model.h5`), which belongs to a layer and has a name.
public struct KerasWeight: Sendable {
    /// The name of the layer in `layer_names`; `top_level_model_weights` for weights of the model
    /// itself.
    ///
    /// In the shards of transformers, where `layer_names` lists weights, it equals ``name``.
    public let layer: String
    /// The name in the layer's `weight_names`, such as `bert/encoder/kernel:0`.
    public let name: String
    /// The dataset of the weight.
    public let dataset: HDF5Dataset
}

/// A variable as saved by Keras 3 (`model.weights.h5`), which has a number in the `vars` of an
/// object.
public struct KerasVariable: Sendable {
    /// The path of the object, such as `layers/dense`; empty for the model itself.
    public let object: String
    /// The name of the object, if the attribute `name` of `vars` gives it.
    public let objectName: String?
    /// The name in `vars`: `0`, `1` and so on.
    public let name: String
    /// The dataset of the variable.
    public let dataset: HDF5Dataset
}
