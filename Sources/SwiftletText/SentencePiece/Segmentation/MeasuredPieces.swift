/// Turns symbols into ids, and records the number of bytes of each.
///
/// A character without a piece becomes its bytes; or, together with unknown neighbours, the unknown
/// piece.
struct MeasuredPieces {
    private let tables: PieceTables
    private var afterUnknown = false

    init(_ tables: PieceTables) { self.tables = tables }

    /// Appends the next symbol of a text.
    mutating func append(
        _ symbol: Int32, _ text: UnsafeBufferPointer<UInt8>, into out: IDBuffer,
        _ lengths: inout [Int]
    ) {
        guard Int(symbol) >= tables.pieceCount else {
            out.append(symbol)
            lengths.append(text.count)
            afterUnknown = false
            return
        }
        if let bytes = tables.bytes {
            for byte in text {
                out.append(bytes.start[Int(byte)])
                lengths.append(1)
            }
        } else if afterUnknown {
            lengths[lengths.count - 1] += text.count
        } else {
            out.append(tables.unknown)
            lengths.append(text.count)
            afterUnknown = true
        }
    }
}
