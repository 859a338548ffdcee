import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletSafetensors

/// Writes what a run has trained, as a folder that other programs can read.
protocol TrainedOutput {
    /// The file with the tensors, if they are in one file.
    var weightsFile: String { get }

    /// Whether a folder has all the tensors.
    func isComplete(in folder: String) -> Bool

    /// Writes the trained tensors and what belongs to them into an existing folder, each file
    /// atomically and the tensors last.
    ///
    /// - Parameters:
    ///   - parameters: the trained tensors.
    ///   - dtype: f32, f16 or bf16.
    ///   - shardSize: how large a file of tensors may become; nil for one file.
    ///   - folder: an existing folder.
    /// - Returns: the number of finite values that became infinite in f16.
    /// - Throws: the errors of writing.
    @discardableResult
    func write(
        _ parameters: ParameterSet, dtype: DType, shardSize: ShardSize?, into folder: String
    ) throws(SwiftletError) -> Int
}

extension TrainedOutput {
    func isComplete(in folder: String) -> Bool {
        FileSystem.isFile(FileSystem.join(folder, weightsFile))
    }
}

/// Writes a trained model in Hub layout: trained and frozen tensors, configuration and tokenizer.
struct ModelFolder: TrainedOutput {
    /// The model whose frozen tensors, configuration and tokenizer are carried along.
    let source: LanguageModel

    let weightsFile = "model.safetensors"
    /// Names the files of a model in several; written after them.
    private static let indexFile = "model.safetensors.index.json"

    /// The size of the files of a result, that of `convert` and of transformers.
    static let resultShardSize = ShardSize(bytes: 5_000_000_000)

    private static func precision(_ dtype: DType) -> TargetPrecision {
        TargetPrecision.allCases.first { $0.dtype == dtype } ?? .keep
    }

    func isComplete(in folder: String) -> Bool {
        [weightsFile, Self.indexFile].contains {
            FileSystem.isFile(FileSystem.join(folder, $0))
        }
    }

    func write(
        _ parameters: ParameterSet, dtype: DType, shardSize: ShardSize?, into folder: String
    ) throws(SwiftletError) -> Int {
        try CarriedFiles.carry(
            from: source.path, source.configuration, to: folder, Self.precision(dtype))
        let trained = Dictionary(
            uniqueKeysWithValues: parameters.parameters.map { ($0.name, $0.storage) })
        let tensors = source.resolved.modelTensors
        let byName = Dictionary(uniqueKeysWithValues: tensors.map { ($0.tensor.name, $0) })
        var overflows = 0
        try ShardedWriting(
            safetensors: tensors.map { ($0.tensor.name, dtype, $0.tensor.shape) },
            limit: shardSize
        ).write(to: folder) { (declaration, writer) throws(SwiftletError) in
            guard let item = byName[declaration.name] else { return }
            if let value = trained[item.canonical] {
                overflows += try writer.write(value, as: dtype)
            } else {
                overflows += try writer.write(item.tensor, as: dtype)
            }
        }
        return overflows
    }
}

extension WeightFileWriter {
    /// Writes a matrix in another precision, a range of rows at a time.
    ///
    /// - Returns: the number of finite values that became infinite.
    func write(_ matrix: StateMatrix, as dtype: DType) throws(SwiftletError) -> Int {
        var overflows = 0
        try matrix.forEachRows { (rows) throws(SwiftletError) in
            overflows += try write(rows, as: dtype)
        }
        return overflows
    }

    /// Writes a contiguous matrix in another precision.
    ///
    /// - Returns: the number of finite values that became infinite.
    func write(_ matrix: Matrix, as dtype: DType) throws(SwiftletError) -> Int {
        if dtype == .f32 {
            try write(matrix.bytes)
            return 0
        }
        return try matrix.narrow(to: dtype) { (bytes) throws(SwiftletError) in try write(bytes) }
    }

    /// Elements of a frozen tensor that are widened at a time.
    private static var pieceElements: Int { 1 << 20 }

    /// Writes a frozen tensor: as it is if it has the dtype already, else a piece at a time.
    ///
    /// - Returns: the number of finite values that became infinite.
    fileprivate func write(_ tensor: StoredTensor, as dtype: DType) throws(SwiftletError) -> Int {
        let tensor = tensor.inElementOrder
        let bytes = try tensor.bytes
        if tensor.dtype == dtype {
            try write(bytes)
            bytes.advise(.done)
            return 0
        }
        if tensor.dtype.block != nil { return try writeBlocks(tensor, bytes, as: dtype) }
        guard let size = tensor.dtype.byteCount else {
            throw SwiftletError(
                .weightDType, file: tensor.file,
                "weights of dtype \(tensor.dtype.rawValue) are not supported",
                at: "tensor \"\(tensor.name)\"")
        }
        let count = bytes.count / size
        var overflows = 0
        var passed = PassedBytes(bytes)
        for first in stride(from: 0, to: count, by: Self.pieceElements) {
            let end = min(first + Self.pieceElements, count)
            let piece = try Weight(
                bytes: bytes[first * size..<end * size], dtype: tensor.dtype, outSize: 1,
                inSize: end - first, order: .outIn)
            overflows += try write(piece.widened(), as: dtype)
            passed.pass(end * size)
        }
        return overflows
    }

    /// Writes a quantized tensor, some rows at a time.
    private func writeBlocks(
        _ tensor: StoredTensor, _ bytes: ByteView, as dtype: DType
    ) throws(SwiftletError) -> Int {
        let columns = tensor.shape.last ?? 1
        let rows = columns > 0 ? tensor.elementCount / columns : 0
        guard rows > 0 else { return 0 }
        let rowBytes = bytes.count / rows
        let step = max(1, Self.pieceElements / columns)
        var overflows = 0
        var passed = PassedBytes(bytes)
        for first in stride(from: 0, to: rows, by: step) {
            let end = min(first + step, rows)
            let piece = try Weight(
                bytes: bytes[first * rowBytes..<end * rowBytes], dtype: tensor.dtype,
                outSize: end - first, inSize: columns, order: .outIn)
            overflows += try write(piece.widened(), as: dtype)
            passed.pass(end * rowBytes)
        }
        return overflows
    }
}
