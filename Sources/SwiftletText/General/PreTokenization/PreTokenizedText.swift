import SwiftletBytes

/// A text being split into words, whose steps may change it on the way.
struct PreTokenizedText {
    private(set) var text: AlignedBytes
    /// The words, in order, none of them empty.
    private(set) var words: [AlignedBytes.Piece]
    /// Whether the original of the text begins the whole text.
    private let isFirst: Bool

    /// The pieces of a text, each of which becomes a word unless a later step cuts it.
    init(_ text: AlignedBytes, _ pieces: [AlignedBytes.Piece], isFirst: Bool) {
        self.text = text
        words = pieces
        self.isFirst = isFirst
    }

    /// Applies a step to each word.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit``, and
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerNormalization``.
    mutating func apply(_ step: GeneralPreTokenizer.Step) throws(SwiftletError) {
        switch step {
        case .split(let split):
            try cut { text, part, pieces throws(SwiftletError) in
                try split.cut(text, part, into: &pieces)
            }
        case .byteLevel(let addsPrefixSpace, let usesPattern):
            if addsPrefixSpace {
                try rewrite { fresh, word, text throws(SwiftletError) in
                    text.bytes[word.range.lowerBound] == 0x20
                        ? fresh.append(replacing: [], in: word, of: text, by: [])
                        : try fresh.append(prefix: [0x20], before: word, of: text)
                }
            }
            if usesPattern {
                try cut { text, part, pieces throws(SwiftletError) in
                    guard let base = text.baseAddress else { return }
                    var start = part.lowerBound
                    while start < part.upperBound {
                        let end = GPT2Scanner().wordEnd(base, start, part.upperBound)
                        pieces.append(start..<end)
                        start = end
                    }
                }
            }
            try rewrite { fresh, word, text throws(SwiftletError) in
                try fresh.append(spelled: word, of: text)
            }
        case .metaspace(let metaspace): try apply(metaspace)
        }
    }

    private mutating func apply(
        _ metaspace: GeneralPreTokenizer.Metaspace
    ) throws(SwiftletError) {
        let symbol = Array(String(metaspace.symbol).utf8)
        let isFirst = self.isFirst
        if words.contains(where: { text.bytes[$0.range].contains(0x20) }) {
            try rewrite { fresh, word, text throws(SwiftletError) in
                let spaces = word.range.filter { text.bytes[$0] == 0x20 }.map { $0..<$0 + 1 }
                return fresh.append(replacing: spaces, in: word, of: text, by: symbol)
            }
        }
        let wantsPrefix = { (word: AlignedBytes.Piece) in
            switch metaspace.prefix {
            case .never: false
            case .always: true
            case .first: isFirst && word.original.lowerBound == 0
            }
        }
        if words.contains(where: wantsPrefix) {
            try rewrite { fresh, word, text throws(SwiftletError) in
                wantsPrefix(word) && !text.bytes[word.range].starts(with: symbol)
                    ? try fresh.append(prefix: symbol, before: word, of: text)
                    : fresh.append(replacing: [], in: word, of: text, by: [])
            }
        }
        guard metaspace.splits else { return }
        guard let pattern = LiteralPattern(symbol) else { return }
        try cut { text, part, pieces throws(SwiftletError) in
            var matches: [Range<Int>] = []
            pattern.forEachMatch(in: UnsafeBufferPointer(rebasing: text[part])) {
                matches.append($0)
            }
            SplitBehavior.mergedWithNext.cut(part, at: matches, into: &pieces)
        }
    }

    // MARK: Words

    /// Replaces each word by its pieces.
    private mutating func cut(
        _ body: (UnsafeBufferPointer<UInt8>, Range<Int>, inout [Range<Int>]) throws(SwiftletError)
            -> Void
    ) throws(SwiftletError) {
        var fresh: [AlignedBytes.Piece] = []
        fresh.reserveCapacity(words.count)
        var pieces: [Range<Int>] = []
        let (text, words) = (text, words)
        try text.bytes.withUnsafeBufferPointer { bytes throws(SwiftletError) in
            for word in words {
                pieces.removeAll(keepingCapacity: true)
                try body(bytes, word.range, &pieces)
                for piece in pieces { fresh.append(text.slice(piece)) }
            }
        }
        self.words = fresh
    }

    /// Replaces each word by what `body` appends to the new text for it.
    private mutating func rewrite(
        _ body: (inout AlignedBytes, AlignedBytes.Piece, AlignedBytes) throws(SwiftletError)
            -> AlignedBytes.Piece
    ) throws(SwiftletError) {
        var fresh = AlignedBytes()
        fresh.reserve(words.reduce(0) { $0 + $1.range.count })
        var pieces: [AlignedBytes.Piece] = []
        pieces.reserveCapacity(words.count)
        for word in words {
            let piece = try body(&fresh, word, text)
            if !piece.range.isEmpty { pieces.append(piece) }
        }
        text = fresh
        words = pieces
    }
}
