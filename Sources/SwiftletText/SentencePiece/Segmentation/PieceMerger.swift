/// Merges the characters of a word or of a whole text into pieces: repeatedly the pair of lowest
/// rank, and of equal ranks the leftmost.
final class PieceMerger {
    private let tables: PieceTables
    private let short = ShortMerger()
    private var long = LongWordMerger()

    /// The length at which texts with unused pieces are cut so that positions fit 32 bits.
    private static let cut = 1 << 30

    init(_ tables: PieceTables) { self.tables = tables }

    // MARK: Ids alone

    /// Appends the ids of a word without user-defined pieces, for a model that has a piece for each
    /// byte.
    func merge(_ word: UnsafeBufferPointer<UInt8>, into out: IDBuffer) {
        guard let base = word.baseAddress, let bytes = tables.bytes else { return }
        guard word.count <= ShortMerger.capacity else {
            merge(word) { symbol, bytes in append(symbol, bytes, to: out) }
            return
        }
        let ids = short.ids.start
        var count = 0
        var position = 0
        // In bounds: at most as many symbols as bytes, and no more than the merger takes.
        while position < word.count {
            let (symbol, length) = tables.symbol(base, position, word.count)
            if symbol >= 0 {
                ids[count] = symbol
                count += 1
            } else {
                for index in position..<position + length {
                    ids[count] = bytes.start[Int(word[index])]
                    count += 1
                }
            }
            position += length
        }
        count = short.merge(count, tables.merges)
        if tables.strays.isEmpty {
            out.append(ids, count: count)
        } else {
            for index in 0..<count { append(ids[index], nil, to: out) }
        }
    }

    /// Appends the id of a symbol, or those of its bytes if it is not a piece.
    private func append(_ symbol: Int32, _ text: UnsafeBufferPointer<UInt8>?, to out: IDBuffer) {
        guard Int(symbol) >= tables.pieceCount else {
            out.append(symbol)
            return
        }
        guard let bytes = tables.bytes else { return }
        if let text {
            for byte in text { out.append(bytes.start[Int(byte)]) }
        } else {
            for byte in tables.strays[Int(symbol) - tables.pieceCount] {
                out.append(bytes.start[Int(byte)])
            }
        }
    }

    // MARK: Symbols and their places

    /// Calls `body` with the symbols of a word without user-defined pieces, and the bytes of each.
    func merge(
        _ word: UnsafeBufferPointer<UInt8>, _ body: (Int32, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        long.merge(word, tables.merges) { symbols, part in
            fill(symbols, part, TokenTrie.empty)
        } _: { symbol, range in
            body(symbol, UnsafeBufferPointer(rebasing: word[range]))
        }
    }

    /// Calls `body` with the symbols of a text and the bytes of each.
    ///
    /// User-defined pieces in the text are symbols that do not merge.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - found: Called with each pair that could merge, in the order in which pairs are found.
    ///   - body: Receives the symbols.
    func merge(
        text: UnsafeBufferPointer<UInt8>, found: (Merge) -> Void,
        _ body: (Int32, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var start = 0
        while start < text.count {
            var end = min(start + Self.cut, text.count)
            while end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
            let part = UnsafeBufferPointer(rebasing: text[start..<end])
            let symbols = SymbolList(capacity: part.count)
            fill(symbols, part, tables.userDefined)
            symbols.mergeByHeap(tables.merges, found: found)
            symbols.forEach { body($0, UnsafeBufferPointer(rebasing: part[$1])) }
            start = end
        }
    }

    private func fill(
        _ symbols: SymbolList, _ part: UnsafeBufferPointer<UInt8>, _ userDefined: TokenTrie
    ) {
        symbols.removeAll()
        guard let text = part.baseAddress else { return }
        let count = part.count
        var position = 0
        var matches = userDefined.matches(in: text, count: count)
        var match = matches.first(from: 0)
        while position < count {
            if let next = match, next.range.lowerBound == position {
                symbols.append(tables.userDefinedIDs[next.entry], at: position)
                position = next.range.upperBound
                match = matches.first(from: position)
                continue
            }
            let (symbol, length) = tables.symbol(text, position, count)
            symbols.append(symbol >= 0 ? symbol : PieceTables.unknownSymbol, at: position)
            position += length
        }
        symbols.end(at: count)
    }
}

/// The words of a text, which no piece of a model straddles.
struct PieceWords: WordSource {
    let tables: PieceTables
    let merger: PieceMerger

    @inline(__always)
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        tables.adjacent.wordEnd(text, start, end)
    }

    @inline(__always)
    func certainStarts(_ text: UnsafePointer<UInt8>, left: Int) -> UInt64 {
        tables.adjacent.certainStarts(text, left: left)
    }

    func encode(_ word: UnsafeBufferPointer<UInt8>, into out: IDBuffer) {
        merger.merge(word, into: out)
    }
}
