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
    private let tensors: [GGUFHeaderText.Slot]
    private let alignment: Int
    /// The index of the tensor being written, and the number of its bytes written so far.
    private var current = 0
    private var written = 0

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
        self.tensors = header.slots
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
        guard current < tensors.count else {
            throw SwiftletError(
                .ggufWriter, file: path, "\(piece.count) bytes too many for the last tensor")
        }
        let tensor = tensors[current]
        guard piece.count <= tensor.byteCount - written else {
            throw SwiftletError(
                .ggufWriter, file: path,
                "\(written + piece.count) bytes written to a tensor of \(tensor.byteCount)",
                at: "tensor \"\(tensor.name)\"")
        }
        try unsafe output.write(piece)
        written += piece.count
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
        guard current == tensors.count else {
            let tensor = tensors[current]
            throw SwiftletError(
                .ggufWriter, file: path,
                "only \(written) of \(tensor.byteCount) bytes were written",
                at: "tensor \"\(tensor.name)\"")
        }
        try output.commit()
    }

    /// Pads the data of each tensor that is complete, the last one too, as llama.cpp expects.
    private func finishTensors() throws(SwiftletError) {
        while current < tensors.count, written == tensors[current].byteCount {
            let rest = written % alignment
            if rest > 0 { try output.write([UInt8](repeating: 0, count: alignment - rest)) }
            current += 1
            written = 0
        }
    }
}
