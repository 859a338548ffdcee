import SwiftletBytes

/// Writes a safetensors file piece by piece, so that no tensor needs to be in memory as a whole.
///
/// The file is byte for byte what the reference library writes for the same tensors and metadata:
/// tensors are sorted by descending rank of their dtype (``/SwiftletBytes/DType/fileRank``), then
/// by name. All tensors are declared up front, which fixes the layout, so their data can be written
/// in the order of declaration, whatever that order is. Declaring them in ``fileOrder(_:)`` makes
/// the writes sequential.
///
/// The complete file appears at ``commit()``; a writer that is released before leaves nothing.
public final class SafetensorsWriter {
    /// The name, dtype and shape of a tensor to be written.
    public typealias Declaration = (name: String, dtype: DType, shape: [Int])

    /// The final path of the file.
    public let path: String
    /// The size of the whole file in bytes.
    public let byteCount: Int

    private let output: AtomicFile
    /// Where the tensors begin in the file, in the order of declaration.
    private let begins: [Int]
    private var progress: TensorProgress
    /// The current position of the output.
    private var place: Int

    /// Creates the temporary file and writes the header.
    ///
    /// - Parameters:
    ///   - path: The final path; its folder must exist.
    ///   - tensors: The tensors, in the order in which their data will be written.
    ///   - metadata: The entries of `__metadata__`, in order. If empty, the key is left out.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/safetensorsDuplicateKey``,
    ///   ``SwiftletBytes/SwiftletError/Code/safetensorsOverflow``,
    ///   ``SwiftletBytes/SwiftletError/Code/safetensorsPartialByte``,
    ///   ``SwiftletBytes/SwiftletError/Code/safetensorsUnknownDType`` or
    ///   ``SwiftletBytes/SwiftletError/Code/safetensorsHeaderTooLarge`` if the declarations cannot
    ///   be stored, or an error of `AtomicFile`.
    public init(
        path: String, tensors: [Declaration],
        metadata: [(key: String, value: String)] = [("format", "pt")]
    ) throws(SwiftletError) {
        self.path = path
        try Self.checkNames(tensors, metadata, path)
        var begins = [Int](repeating: 0, count: tensors.count)
        var sizes = begins
        var placed: [(name: String, dtype: DType, shape: [Int], begin: Int, end: Int)] = []
        placed.reserveCapacity(tensors.count)
        var end = 0
        for position in Self.order(tensors) {
            let tensor = tensors[position]
            let count = try Self.byteCount(tensor, path)
            let (next, overflow) = end.addingReportingOverflow(count)
            guard !overflow else { throw Self.overflowing(tensor, path) }
            placed.append((tensor.name, tensor.dtype, tensor.shape, end, next))
            begins[position] = end
            sizes[position] = count
            end = next
        }
        let header = SafetensorsHeaderText(metadata: metadata, tensors: placed).bytes
        guard header.count <= SafetensorsFormat.headerLimit else {
            throw SwiftletError(
                .safetensorsHeaderTooLarge, file: path,
                "a header of \(header.count) bytes exceeds the limit of "
                    + "\(SafetensorsFormat.headerLimit)")
        }
        let dataStart = SafetensorsFormat.lengthBytes + header.count
        let (total, overflow) = dataStart.addingReportingOverflow(end)
        guard !overflow else {
            throw SwiftletError(.safetensorsOverflow, file: path, "the file size overflows")
        }
        self.begins = begins.map { $0 + dataStart }
        progress = TensorProgress(
            zip(tensors, sizes).map { ($0.name, $1) }, file: path, code: .safetensorsWriter)
        byteCount = total
        place = dataStart
        output = try AtomicFile(path: path)
        let length = UInt64(header.count)
        try output.write((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
        try output.write(header)
        skipWholeTensors()
    }

    /// Returns the declarations in the order in which the file stores their data.
    public static func fileOrder(_ tensors: [Declaration]) -> [Declaration] {
        order(tensors).map { tensors[$0] }
    }

    /// Appends bytes to the current tensor, the first declared one that is not complete.
    ///
    /// - Parameter piece: At most as many bytes as the tensor still lacks.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/safetensorsWriter`` if there are more, or an
    ///   error of `AtomicFile`.
    public func write(_ piece: UnsafeRawBufferPointer) throws(SwiftletError) {
        guard piece.count > 0 else { return }
        try progress.checkRoom(for: piece.count)
        let target = begins[progress.current] + progress.written
        if target != place { try output.seek(to: target) }
        try unsafe output.write(piece)
        place = target + piece.count
        progress.written += piece.count
        skipWholeTensors()
    }

    /// Appends bytes to the current tensor.
    public func write(_ view: ByteView) throws(SwiftletError) {
        try unsafe view.withUnsafeBytes { (bytes) throws(SwiftletError) in try unsafe write(bytes) }
    }

    /// Appends bytes to the current tensor.
    public func write(_ bytes: [UInt8]) throws(SwiftletError) { try write(ByteView(bytes)) }

    /// Syncs the file to disk and renames it to its final path.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/safetensorsWriter`` if a tensor is incomplete,
    ///   or an error of `AtomicFile`.
    public func commit() throws(SwiftletError) {
        try progress.checkIsComplete()
        try output.commit()
    }

    private func skipWholeTensors() { while progress.nextAfterWhole() != nil {} }

    /// Positions by descending rank of dtype, then by the bytes of the name.
    private static func order(_ tensors: [Declaration]) -> [Int] {
        tensors.indices.sorted { a, b in
            let (a, b) = (tensors[a], tensors[b])
            if a.dtype != b.dtype { return a.dtype.fileRank > b.dtype.fileRank }
            return a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
        }
    }

    private static func checkNames(
        _ tensors: [Declaration], _ metadata: [(key: String, value: String)], _ path: String
    ) throws(SwiftletError) {
        var names: Set<[UInt8]> = [Array(SafetensorsFormat.metadataKey.utf8)]
        for tensor in tensors where !names.insert(Array(tensor.name.utf8)).inserted {
            throw SwiftletError(
                .safetensorsDuplicateKey, file: path, "the name \"\(tensor.name)\" is taken")
        }
        var keys: Set<[UInt8]> = []
        for pair in metadata where !keys.insert(Array(pair.key.utf8)).inserted {
            throw SwiftletError(
                .safetensorsDuplicateKey, file: path, "the metadata key \"\(pair.key)\" is taken")
        }
    }

    private static func byteCount(
        _ tensor: Declaration, _ path: String
    ) throws(SwiftletError) -> Int {
        guard tensor.dtype.block == nil else {
            throw SwiftletError(
                .safetensorsUnknownDType, file: path,
                "safetensors files cannot store \(tensor.dtype.rawValue)",
                at: "tensor \"\(tensor.name)\"")
        }
        guard let elements = StoredTensor.elementCount(of: tensor.shape),
            !elements.multipliedReportingOverflow(by: tensor.dtype.bits).overflow
        else { throw overflowing(tensor, path) }
        guard let count = tensor.dtype.byteCount(elements: elements) else {
            throw SwiftletError(
                .safetensorsPartialByte, file: path,
                "\(elements) elements of \(tensor.dtype.rawValue) end inside a byte",
                at: "tensor \"\(tensor.name)\"")
        }
        return count
    }

    private static func overflowing(_ tensor: Declaration, _ path: String) -> SwiftletError {
        SwiftletError(
            .safetensorsOverflow, file: path,
            "the size of shape \(tensor.shape), dtype \(tensor.dtype.rawValue), overflows",
            at: "tensor \"\(tensor.name)\"")
    }
}
