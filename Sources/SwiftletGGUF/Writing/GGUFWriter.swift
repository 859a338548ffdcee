import SwiftletBytes

/// Writes a GGUF file, version 3, that llama.cpp and the gguf package read.
///
/// The header is written first; the bytes of the tensors follow in the order of declaration, in pieces
/// of any size. The file appears at its path when ``commit()`` returns.
///
/// ```swift
/// let writer = try GGUFWriter(
///     path: "small.gguf", tensors: [("a", .f32, [2])],
///     metadata: [("general.architecture", .string("llama"))])
/// try writer.write([0, 0, 128, 63, 0, 0, 0, 64])  // 1 and 2
/// try writer.commit()
/// ```
public final class GGUFWriter {
    /// A tensor that the file will contain; the shape has the slowest-varying dimension first.
    public typealias Declaration = (name: String, dtype: DType, shape: [Int])

    /// The final path.
    public let path: String
    /// The size of the whole file in bytes.
    public let byteCount: Int

    private let output: AtomicFile
    private let alignment: Int
    private var progress: TensorProgress

    /// Creates the temporary file and writes the header.
    ///
    /// - Parameters:
    ///   - path: The final path; its folder must exist.
    ///   - tensors: The tensors, in the order in which they will be written.
    ///   - metadata: The metadata in order. `general.alignment` sets the alignment of the data, which is
    ///     32 bytes without it.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/ggufUnwritable`` if the format, or llama.cpp, does not
    ///   allow the declarations; ``SwiftletBytes/SwiftletError/Code/ggufDuplicateKey``,
    ///   ``SwiftletBytes/SwiftletError/Code/ggufDuplicateTensor`` or
    ///   ``SwiftletBytes/SwiftletError/Code/ggufAlignment``; or an error of `AtomicFile`.
    public init(
        path: String, tensors: [Declaration], metadata: [(key: String, field: GGUFField)]
    ) throws(SwiftletError) {
        self.path = path
        let header = try GGUFHeaderText(tensors: tensors, metadata: metadata, file: path)
        progress = TensorProgress(header.slots, file: path, code: .ggufWriter)
        alignment = header.alignment
        byteCount = header.fileSize
        output = try AtomicFile(path: path)
        try output.write(header.bytes)
        try finishTensors()
    }

    /// Appends bytes to the current tensor, the first declared one that is not complete.
    ///
    /// - Parameter piece: At most as many bytes as the tensor still lacks.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/ggufWriter`` if there are more, or an error of
    ///   `AtomicFile`.
    public func write(_ piece: UnsafeRawBufferPointer) throws(SwiftletError) {
        guard piece.count > 0 else { return }
        try progress.checkRoom(for: piece.count)
        try unsafe output.write(piece)
        progress.written += piece.count
        try finishTensors()
    }

    /// Appends bytes to the current tensor.
    public func write(_ view: ByteView) throws(SwiftletError) {
        try unsafe view.withUnsafeBytes { (bytes) throws(SwiftletError) in try unsafe write(bytes) }
    }

    /// Appends bytes to the current tensor.
    public func write(_ bytes: [UInt8]) throws(SwiftletError) { try write(ByteView(bytes)) }

    /// Syncs the file to disk and renames it to its final path.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/ggufWriter`` if a tensor is incomplete, or an error of
    ///   `AtomicFile`.
    public func commit() throws(SwiftletError) {
        try progress.checkIsComplete()
        try output.commit()
    }

    /// Pads the data of each tensor that is complete, the last one too, as llama.cpp expects.
    private func finishTensors() throws(SwiftletError) {
        while let count = progress.nextAfterWhole() {
            let rest = count % alignment
            if rest > 0 { try output.write([UInt8](repeating: 0, count: alignment - rest)) }
        }
    }
}
