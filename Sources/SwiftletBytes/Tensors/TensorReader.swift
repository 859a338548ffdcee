/// Reads a tensor's bytes from front to back, a part at a time.
///
/// What lies in a file is given as it lies, and its pages are let go once they are passed. Of a
/// transpose, a few megabytes of rows are made at a time; what a format has to put together is made
/// once.
public struct TensorReader {
    /// About how many bytes of a transpose are made at a time.
    private static let window = 1 << 24

    private var passed: PassedBytes?
    private var made: (first: Int, bytes: ByteView)
    private let transposition: Transposition?
    private let rowBytes: Int
    private let rows: Int

    /// Prepares to read a tensor.
    ///
    /// - Throws: as ``StoredTensor/bytes``.
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

    /// The bytes at `range`, which must lie inside the tensor and not before an earlier range.
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

    /// Says that all has been read.
    public mutating func finish() { passed?.pass(made.bytes.count) }
}
