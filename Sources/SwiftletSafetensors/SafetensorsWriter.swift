import SwiftletBytes

/// Writes a safetensors file piece by piece, so that no tensor needs to be in memory.
///
/// The file is byte for byte what the reference writes for the same tensors and metadata: tensors
/// by descending rank of their dtype (``DType/fileRank``), then by name. The layout is known from
/// the declarations, so bytes may come in any declared order; they go to their places. Declaring
/// in ``fileOrder(_:)`` makes the writes sequential.
///
/// The file appears at ``commit()``, whole; a writer that is dropped before leaves nothing.
public final class SafetensorsWriter {
    /// What a file will hold: a name, a dtype and a shape.
    public typealias Declaration = (name: String, dtype: DType, shape: [Int])

    /// A tensor and its place in the file.
    private struct Slot {
        var name: String
        var begin: Int
        var byteCount: Int
    }

    /// The path that the file will have.
    public let path: String
    /// The bytes of the whole file.
    public let byteCount: Int

    private let output: AtomicFile
    /// In the declared order.
    private let slots: [Slot]
    /// The tensor being written, and how much of it there is.
    private var current = 0
    private var written = 0
    /// Where the output stands.
    private var place: Int

    /// Creates the temporary file and writes the header.
    ///
    /// - Parameters:
    ///   - path: the final path; its folder must exist.
    ///   - tensors: what will be written, in the order in which it will come.
    ///   - metadata: the pairs of `__metadata__`, in order; none leaves it out.
    /// - Throws: ``SwiftletError/Code/safetensorsDuplicateKey``,
    ///   ``SwiftletError/Code/safetensorsOverflow``,
    ///   ``SwiftletError/Code/safetensorsPartialByte`` or
    ///   ``SwiftletError/Code/safetensorsHeaderTooLarge`` for declarations that make no file, and
    ///   the errors of `AtomicFile`.
    public init(
        path: String, tensors: [Declaration],
        metadata: [(key: String, value: String)] = [("format", "pt")]
    ) throws(SwiftletError) {
        self.path = path
        try Self.checkNames(tensors, metadata, path)
        var slots = tensors.map { Slot(name: $0.name, begin: 0, byteCount: 0) }
        var placed: [(name: String, dtype: DType, shape: [Int], begin: Int, end: Int)] = []
        placed.reserveCapacity(tensors.count)
        var end = 0
        for position in Self.order(tensors) {
            let tensor = tensors[position]
            let count = try Self.byteCount(tensor, path)
            let (next, overflow) = end.addingReportingOverflow(count)
            guard !overflow else { throw Self.overflowing(tensor, path) }
            placed.append((tensor.name, tensor.dtype, tensor.shape, end, next))
            slots[position].begin = end
            slots[position].byteCount = count
            end = next
        }
        let header = SafetensorsHeaderText(metadata: metadata, tensors: placed).bytes
        guard header.count <= SafetensorsFormat.headerLimit else {
            throw SwiftletError(
                .safetensorsHeaderTooLarge, file: path,
                "a header of \(header.count) bytes is over the limit of "
                    + "\(SafetensorsFormat.headerLimit)")
        }
        let dataStart = SafetensorsFormat.lengthBytes + header.count
        let (total, overflow) = dataStart.addingReportingOverflow(end)
        guard !overflow else {
            throw SwiftletError(.safetensorsOverflow, file: path, "the file's size overflows")
        }
        for position in slots.indices { slots[position].begin += dataStart }
        self.slots = slots
        byteCount = total
        place = dataStart
        output = try AtomicFile(path: path)
        let length = UInt64(header.count)
        try output.write((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
        try output.write(header)
        skipFullTensors()
    }

    /// The declarations in the order in which their bytes lie in the file.
    public static func fileOrder(_ tensors: [Declaration]) -> [Declaration] {
        order(tensors).map { tensors[$0] }
    }

    /// Appends the next bytes of the current tensor, the first declared one that is not full.
    ///
    /// - Parameter piece: not more than the tensor lacks.
    /// - Throws: ``SwiftletError/Code/safetensorsWriter``, and the errors of `AtomicFile`.
    public func write(_ piece: UnsafeRawBufferPointer) throws(SwiftletError) {
        guard piece.count > 0 else { return }
        guard current < slots.count else {
            throw SwiftletError(
                .safetensorsWriter, file: path, "\(piece.count) bytes come after the last tensor")
        }
        let slot = slots[current]
        guard piece.count <= slot.byteCount - written else {
            throw SwiftletError(
                .safetensorsWriter, file: path,
                "\(written + piece.count) bytes for a tensor of \(slot.byteCount)",
                at: "tensor \"\(slot.name)\"")
        }
        let target = slot.begin + written
        if target != place { try output.seek(to: target) }
        try unsafe output.write(piece)
        place = target + piece.count
        written += piece.count
        skipFullTensors()
    }

    /// Appends the next bytes of the current tensor.
    public func write(_ view: ByteView) throws(SwiftletError) {
        try unsafe view.withUnsafeBytes { (bytes) throws(SwiftletError) in try unsafe write(bytes) }
    }

    /// Appends the next bytes of the current tensor.
    public func write(_ bytes: [UInt8]) throws(SwiftletError) { try write(ByteView(bytes)) }

    /// Makes the file durable and puts it in its place.
    ///
    /// - Throws: ``SwiftletError/Code/safetensorsWriter`` if a tensor lacks bytes, and the errors
    ///   of `AtomicFile`.
    public func commit() throws(SwiftletError) {
        guard current == slots.count else {
            let slot = slots[current]
            throw SwiftletError(
                .safetensorsWriter, file: path,
                "\(written) of \(slot.byteCount) bytes were written",
                at: "tensor \"\(slot.name)\"")
        }
        try output.commit()
    }

    private func skipFullTensors() {
        while current < slots.count, written == slots[current].byteCount {
            current += 1
            written = 0
        }
    }

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
