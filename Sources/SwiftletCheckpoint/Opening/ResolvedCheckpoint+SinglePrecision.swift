import SwiftletBytes

extension ResolvedCheckpoint {
    /// The same model with the tensors that kernels cannot read as they are stored (floats of 8 and 64
    /// bits, integers, truth values) in single precision.
    ///
    /// Nothing is read; each access to the bytes of such a tensor converts them. Tensors whose
    /// elements have no single value stay as they are.
    package var inSinglePrecision: ResolvedCheckpoint {
        let converted = modelTensors.filter {
            !$0.tensor.dtype.isWeightType && SinglePrecision($0.tensor.dtype) != nil
        }
        guard !converted.isEmpty else { return self }
        let dtypes = Set(converted.map(\.tensor.dtype.rawValue)).sorted().joined(separator: ", ")
        let bytes = StoredTensor.total(
            converted.map { $0.tensor.inSinglePrecision?.byteCount ?? 0 })
        let noun = converted.count == 1 ? "tensor" : "tensors"
        return ResolvedCheckpoint(
            configuration: configuration,
            modelTensors: modelTensors.map { item in
                ModelTensor(
                    canonical: item.canonical, tensor: item.tensor.inSinglePrecision ?? item.tensor,
                    row: item.row, layer: item.layer)
            },
            tensors: tensors.mapValues { $0.inSinglePrecision ?? $0 },
            missing: missing, unexpected: unexpected, misshapen: misshapen, ignored: ignored,
            tiedDuplicate: tiedDuplicate, tiesHead: tiesHead,
            notes: notes + [
                "\(converted.count) \(noun) of \(dtypes) used as F32, in \(bytes) bytes of memory"
            ],
            path: path, wrapped: wrapped)
    }
}
