/// Reads a tensor's bytes from front to back, one range at a time.
///
/// Bytes in a mapped file are returned as views, and their pages are released once they have been
/// passed. A transpose is made a few megabytes of rows at a time. Bytes that a format has to make, such
/// as decompressed chunks, are made once.
public struct TensorReader {
    /// The approximate number of bytes of a transpose that are made at a time.
    private static let window = 1 << 24

    private var passed: PassedBytes?
    private var made: (first: Int, bytes: ByteView)
    private let transposition: Transposition?
    private let rowBytes: Int
    private let rows: Int

    /// Creates a reader of a tensor.
    ///
    /// - Throws: the errors of ``StoredTensor/bytes``.
    public init(_ tensor: StoredTensor) throws(SwiftletError) {
        if let source = tensor.transposeOf, tensor.byteCount > 0 {
            transposition = try Transposition(source)
            rows = tensor.shape[0]
            rowBytes = tensor.byteCount / rows
            made = (0, ByteView([]))
        } else {
            transposition = nil
            (rows, rowBytes) = (0, 0)
            made = (0, try tensor.bytes)
            if tensor.isView { passed = PassedBytes(made.bytes) }
        }
    }

    /// Returns the bytes in `range`, which must be inside the tensor and not start before an earlier
    /// range.
    public mutating func bytes(_ range: Range<Int>) -> ByteView {
        passed?.pass(range.lowerBound)
        if let transposition, !range.isEmpty {
            let end = made.first + made.bytes.count
            if range.lowerBound < made.first || range.upperBound > end {
                let first = range.lowerBound / rowBytes
                let most = max(1, Self.window / rowBytes)
                let last = max((range.upperBound - 1) / rowBytes + 1, min(first + most, rows))
                made = (first * rowBytes, transposition.bytes(ofRows: first..<last))
            }
        }
        return made.bytes[range.lowerBound - made.first..<range.upperBound - made.first]
    }

    /// Releases the rest of the tensor.
    ///
    /// Call this after the last range.
    public mutating func finish() { passed?.pass(made.bytes.count) }
}
