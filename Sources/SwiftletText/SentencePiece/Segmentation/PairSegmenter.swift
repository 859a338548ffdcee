/// Splits text into pieces by merging characters: the BPE algorithm.
final class PairSegmenter: PieceSegmenter {
    private let tables: PieceTables
    private let words = CachedWords()
    private let merger: PieceMerger

    init(_ tables: PieceTables) {
        self.tables = tables
        merger = PieceMerger(tables)
    }

    /// False if runs of unknown characters are one id of any length, or if unused pieces are split
    /// into the last pair that made them anywhere in the text.
    ///
    /// Otherwise words are independent.
    var lengthsFollowFromIDs: Bool { tables.bytes != nil && tables.unused.isEmpty }

    func segment(_ text: UnsafeBufferPointer<UInt8>, into out: IDBuffer) {
        guard lengthsFollowFromIDs else {
            var lengths: [Int] = []
            segment(text, into: out, lengths: &lengths)
            return
        }
        let source = PieceWords(tables: tables, merger: merger)
        forEachStretch(text) { stretch, id in
            if let id {
                out.append(id)
            } else {
                words.encode(stretch, source, into: out)
            }
        }
    }

    func segment(
        _ text: UnsafeBufferPointer<UInt8>, into out: IDBuffer, lengths: inout [Int]
    ) {
        var measured = MeasuredPieces(tables)
        if tables.unused.isEmpty {
            forEachStretch(text) { stretch, id in
                if let id {
                    measured.append(id, stretch, into: out, &lengths)
                    return
                }
                guard let base = stretch.baseAddress else { return }
                var start = 0
                while start < stretch.count {
                    let end = tables.adjacent.wordEnd(base, start, stretch.count)
                    let word = UnsafeBufferPointer(rebasing: stretch[start..<end])
                    merger.merge(word) { symbol, bytes in
                        measured.append(symbol, bytes, into: out, &lengths)
                    }
                    start = end
                }
            }
        } else {
            let unused = UnusedPieces(tables)
            var symbols: [(symbol: Int32, text: UnsafeBufferPointer<UInt8>)] = []
            merger.merge(text: text, found: { unused.note($0) }) { symbols.append(($0, $1)) }
            for (symbol, text) in symbols {
                unused.forEachPart(symbol, text) { symbol, text in
                    // An unused piece that cannot be split is unknown.
                    let isUnused = tables.unused.contains(symbol)
                    measured.append(
                        isUnused ? PieceTables.unknownSymbol : symbol, text, into: out, &lengths)
                }
            }
        }
    }

    /// Calls `body` with the user-defined pieces in a text, each with its id, and with the
    /// stretches between them.
    private func forEachStretch(
        _ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>, Int32?) -> Void
    ) {
        guard let base = text.baseAddress else { return }
        var matches = tables.userDefined.matches(in: base, count: text.count)
        var position = 0
        while let match = matches.first(from: position) {
            if position < match.range.lowerBound {
                body(UnsafeBufferPointer(rebasing: text[position..<match.range.lowerBound]), nil)
            }
            body(
                UnsafeBufferPointer(rebasing: text[match.range]),
                tables.userDefinedIDs[match.entry])
            position = match.range.upperBound
        }
        if position < text.count {
            body(UnsafeBufferPointer(rebasing: text[position...]), nil)
        }
    }
}
