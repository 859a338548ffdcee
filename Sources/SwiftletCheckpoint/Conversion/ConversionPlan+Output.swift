import SwiftletBytes

extension ConversionPlan {
    /// The tensors as the files store them, in the order in which shards are filled, and the format of
    /// the files.
    struct Output {
        var tensors: [StoredTensor]
        var form: any WeightOutput
        /// Sentences for the user about the format.
        var notes: [String] = []
    }

    /// Returns how the planned tensors are written in a format.
    func output(_ format: TargetFormat) -> Output {
        let tensors = items.map(\.tensor)
        switch format {
        case .safetensors:
            return Output(tensors: tensors, form: SafetensorsOutput(metadata: metadata))
        case .hdf5:
            let plain = PlainHDF5Output(metadata: metadata.filter(PlainHDF5Output.canKeep))
            let lost = metadata.filter { !PlainHDF5Output.canKeep($0) }.map {
                "the metadata \"\($0.key)\" is dropped: it does not fit into an attribute"
            }
            guard let (names, architecture) = family, let model = architecture.kerasModel else {
                return Output(
                    tensors: tensors, form: plain,
                    notes: ["written as arrays by name: TensorFlow has no class for this model"]
                        + lost)
            }
            var keras: [StoredTensor] = []
            for item in items {
                guard let (row, layer) = item.place,
                    let tensor = KerasNames.kerasTensor(
                        item.tensor, row, layer: layer, names: names, model: model)
                else {
                    return Output(
                        tensors: tensors, form: plain,
                        notes: [
                            "written as arrays by name: TensorFlow's class has no "
                                + item.tensor.name
                        ] + lost)
                }
                keras.append(tensor)
            }
            return Output(tensors: keras, form: KerasOutput())
        }
    }
}
