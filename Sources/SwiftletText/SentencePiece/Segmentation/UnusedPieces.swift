/// Takes unused pieces apart again into the two symbols that made them.
///
/// As in SentencePiece, that is the last pair that was found to make the piece, wherever in the text.
/// Texts have their spaces written as ▁ here, so that a symbol is as long as it is spelled.
final class UnusedPieces {
    private let tables: PieceTables
    private var parts: [Int32: Merge] = [:]

    init(_ tables: PieceTables) { self.tables = tables }

    /// Notes a pair that could merge.
    func note(_ merge: Merge) {
        if tables.unused.contains(merge.result) { parts[merge.result] = merge }
    }

    /// Calls `body` with what a symbol ends as, and the bytes of each.
    func forEachPart(
        _ symbol: Int32, _ text: UnsafeBufferPointer<UInt8>,
        _ body: (Int32, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        // A part is shorter than the whole, so this ends.
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
