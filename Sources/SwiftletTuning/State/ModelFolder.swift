import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletSafetensors

/// Writes trained parameters as a model in Hub layout.
enum ModelFolder {
    static let weightsFile = "model.safetensors"

    private static func precision(_ dtype: DType) -> TargetPrecision {
        TargetPrecision.allCases.first { $0.dtype == dtype } ?? .keep
    }

    /// Writes weights, configuration and tokenizer into an existing folder, each file atomically,
    /// the weights last: a folder with weights is complete.
    ///
    /// - Parameters:
    ///   - parameters: the values.
    ///   - source: the model whose configuration and tokenizer are carried along.
    ///   - dtype: f32, f16 or bf16.
    ///   - folder: an existing folder.
    /// - Returns: how many finite values became infinite in f16.
    @discardableResult
    static func write(
        _ parameters: ParameterSet, source: LanguageModel, dtype: DType, into folder: String
    ) throws(SwiftletError) -> Int {
        try CarriedFiles.carry(
            from: source.path, source.configuration, to: folder, precision(dtype))
        let tensors = parameters.parameters
        let writer = try SafetensorsWriter(
            path: FileSystem.join(folder, weightsFile),
            tensors: tensors.map { ($0.checkpointName, dtype, $0.shape) })
        var overflows = 0
        for tensor in tensors {
            if dtype == .f32 {
                try writer.write(tensor.value.bytes)
                continue
            }
            overflows += try tensor.value.narrow(to: dtype) { (bytes) throws(SwiftletError) in
                try writer.write(bytes)
            }
        }
        try writer.commit()
        return overflows
    }
}
