/// Splits unused pieces into the two symbols that made them.
///
/// As in SentencePiece, these are the last pair found to make the piece, anywhere in the text.
/// Spaces are written as ▁ in such texts, so that a symbol is as long as its spelling.
final class UnusedPieces {
    private let tables: PieceTables
    private var parts: [Int32: Merge] = [:]

    init(_ tables: PieceTables) { self.tables = tables }

    /// Records a pair that could merge.
    func note(_ merge: Merge) {
        if tables.unused.contains(merge.result) { parts[merge.result] = merge }
    }

    /// Calls `body` with the symbols that a symbol is split into, and the bytes of each.
    func forEachPart(
        _ symbol: Int32, _ text: UnsafeBufferPointer<UInt8>,
        _ body: (Int32, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        // Terminates, because a part is shorter than the whole.
        var waiting = [(symbol: symbol, text: text)]
        while let (symbol, text) = waiting.popLast() {
            guard let merge = parts[symbol], let length = tables.spelledLength(merge.left),
                length > 0, length < text.count
            else {
                body(symbol, text)
                continue
            }
            waiting.append((merge.right, UnsafeBufferPointer(rebasing: text[length...])))
            waiting.append((merge.left, UnsafeBufferPointer(rebasing: text[..<length])))
        }
    }
}
