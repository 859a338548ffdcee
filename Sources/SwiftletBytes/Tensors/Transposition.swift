/// Makes rows of the transpose of a matrix.
struct Transposition {
    /// The size of the stored matrix.
    private let rows: Int
    private let columns: Int
    private let elementSize: Int
    private let bytes: ByteView

    /// Creates the transposition of a matrix.
    ///
    /// - Parameter tensor: a matrix whose elements are whole bytes.
    /// - Throws: the errors of ``StoredTensor/bytes``.
    init(_ tensor: StoredTensor) throws(SwiftletError) {
        (rows, columns) = (tensor.shape[0], tensor.shape[1])
        elementSize = tensor.dtype.bits / 8
        bytes = try tensor.bytes
    }

    /// Computes rows of the transpose, which are columns of the matrix.
    ///
    /// - Parameter range: the columns.
    /// - Returns: the bytes of the rows.
    func bytes(ofRows range: Range<Int>) -> ByteView {
        precondition(
            0 <= range.lowerBound && range.upperBound <= columns,
            "the rows must be inside the transpose")
        return unsafe ByteView(count: range.count * rows * elementSize) { target in
            switch elementSize {
            case 1: unsafe copy(range, to: target, UInt8.self)
            case 2: unsafe copy(range, to: target, UInt16.self)
            case 4: unsafe copy(range, to: target, UInt32.self)
            default: unsafe copy(range, to: target, UInt64.self)
            }
        }
    }

    /// The side of the squares that are transposed one at a time, so that source and target both stay in
    /// the cache.
    private static let side = 32

    private func copy<Element: BitwiseCopyable>(
        _ range: Range<Int>, to target: UnsafeMutableRawBufferPointer, _ type: Element.Type
    ) {
        let size = MemoryLayout<Element>.size
        // In bounds: the view holds rows * columns elements, row < rows and column < columns;
        // target holds range.count * rows of them, column - range.lowerBound < range.count.
        unsafe bytes.withUnsafeBytes { source in
            for firstRow in stride(from: 0, to: rows, by: Self.side) {
                let lastRow = min(firstRow + Self.side, rows)
                for first in stride(from: range.lowerBound, to: range.upperBound, by: Self.side) {
                    for column in first..<min(first + Self.side, range.upperBound) {
                        let start = (column &- range.lowerBound) &* rows
                        for row in firstRow..<lastRow {
                            let value = unsafe source.loadUnaligned(
                                fromByteOffset: (row &* columns &+ column) &* size, as: type)
                            unsafe target.storeBytes(
                                of: value, toByteOffset: (start &+ row) &* size, as: type)
                        }
                    }
                }
            }
        }
    }
}
