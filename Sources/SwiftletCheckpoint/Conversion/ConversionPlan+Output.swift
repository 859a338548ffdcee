import SwiftletBytes

extension ConversionPlan {
    /// The tensors as the files store them, in the order in which shards are filled, and the format of
    /// the files.
    struct Output {
        var tensors: [StoredTensor]
        var form: any WeightOutput
        /// Sentences for the user about the format.
        var notes: [String] = []
        /// The dtypes that tensors get whatever the precision is, by their names' bytes.
        var dtypes: [[UInt8]: DType] = [:]
    }

    /// Returns how the planned tensors are written in a format.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unsupportedFormat`` for a model that the format does not
    ///   have.
    func output(
        _ format: TargetFormat, _ precision: TargetPrecision
    ) throws(SwiftletError) -> Output {
        let tensors = items.map(\.tensor)
        switch format {
        case .gguf: return try ggufOutput(precision)
        case .safetensors:
            return Output(
                tensors: tensors, form: SafetensorsOutput(metadata: metadata),
                notes: widened(precision))
        case .hdf5:
            let plain = PlainHDF5Output(metadata: metadata.filter(PlainHDF5Output.canKeep))
            let lost = metadata.filter { !PlainHDF5Output.canKeep($0) }.map {
                "the metadata \"\($0.key)\" is dropped: it does not fit into an attribute"
            }
            guard let (names, architecture) = family, let model = architecture.kerasModel else {
                return Output(
                    tensors: tensors, form: plain,
                    notes: ["written as arrays by name: TensorFlow has no class for this model"]
                        + lost + widened(precision))
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
                        ] + lost + widened(precision))
                }
                keras.append(tensor)
            }
            return Output(
                tensors: keras, form: KerasOutput(), notes: widened(precision))
        }
    }

    /// Says which dtype quantized tensors get that nobody asked for.
    private func widened(_ precision: TargetPrecision) -> [String] {
        let kinds = Set(items.map(\.tensor.dtype).filter { $0.block != nil }.map(\.rawValue))
        guard precision == .keep, !kinds.isEmpty else { return [] }
        return [
            "quantized tensors (\(kinds.sorted().joined(separator: ", "))) are written as F32; "
                + "--dtype says otherwise"
        ]
    }
}
