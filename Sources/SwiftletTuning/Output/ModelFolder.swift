import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletSafetensors

/// Writes what a run has trained, as a folder that other programs can read.
protocol TrainedOutput {
    /// The file with the tensors: a folder that has it is complete.
    var weightsFile: String { get }

    /// Writes the trained tensors and what belongs to them into an existing folder, each file
    /// atomically and the tensors last.
    ///
    /// - Parameters:
    ///   - parameters: the trained tensors.
    ///   - dtype: f32, f16 or bf16.
    ///   - folder: an existing folder.
    /// - Returns: the number of finite values that became infinite in f16.
    @discardableResult
    func write(_ parameters: ParameterSet, dtype: DType, into folder: String)
        throws(SwiftletError) -> Int
}

/// Writes a trained model in Hub layout: trained and frozen tensors, configuration and tokenizer.
struct ModelFolder: TrainedOutput {
    /// The model whose frozen tensors, configuration and tokenizer are carried along.
    let source: LanguageModel

    let weightsFile = "model.safetensors"

    private static func precision(_ dtype: DType) -> TargetPrecision {
        TargetPrecision.allCases.first { $0.dtype == dtype } ?? .keep
    }

    func write(_ parameters: ParameterSet, dtype: DType, into folder: String)
        throws(SwiftletError) -> Int
    {
        try CarriedFiles.carry(
            from: source.path, source.configuration, to: folder, Self.precision(dtype))
        let trained = Dictionary(
            uniqueKeysWithValues: parameters.parameters.map { ($0.name, $0.value) })
        let tensors = source.resolved.modelTensors
        let writer = try SafetensorsWriter(
            path: FileSystem.join(folder, weightsFile),
            tensors: tensors.map { ($0.tensor.name, dtype, $0.tensor.shape) })
        var overflows = 0
        for item in tensors {
            if let value = trained[item.canonical] {
                overflows += try writer.write(value, as: dtype)
            } else {
                overflows += try writer.write(item.tensor, as: dtype)
            }
        }
        try writer.commit()
        return overflows
    }
}

extension SafetensorsWriter {
    /// Writes a matrix in another precision, a run of rows at a time.
    ///
    /// - Returns: the number of finite values that became infinite.
    func write(_ matrix: Matrix, as dtype: DType) throws(SwiftletError) -> Int {
        if dtype == .f32 {
            try write(matrix.bytes)
            return 0
        }
        return try matrix.narrow(to: dtype) { (bytes) throws(SwiftletError) in try write(bytes) }
    }

    /// Writes a frozen tensor, as it is if it has the dtype already.
    ///
    /// - Returns: the number of finite values that became infinite.
    fileprivate func write(_ tensor: StoredTensor, as dtype: DType) throws(SwiftletError) -> Int {
        if tensor.dtype == dtype {
            try write(tensor.bytes)
            return 0
        }
        let columns = tensor.shape.last ?? 1
        let rows = tensor.shape.dropLast().reduce(1, *)
        let weight = try Weight(
            bytes: tensor.bytes, dtype: tensor.dtype, outSize: rows, inSize: columns, order: .outIn)
        return try write(weight.widened(), as: dtype)
    }
}
