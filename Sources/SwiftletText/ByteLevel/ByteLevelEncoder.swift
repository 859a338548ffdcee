import SwiftletBytes

/// Encodes with a byte-level model: the caches, scratch memory and ids of one call at a time.
///
/// A tokenizer keeps a few encoders and lends each to one call at a time, so that encoding takes no
/// lock. A cache entry holds the ids of one word, and nothing longer than a word is cached.
final class ByteLevelEncoder: StretchEncoder {
    let out = IDBuffer(capacity: 4096)
    private let model: ByteLevelModel
    private let words = CachedWords()
    private let merger = WordMerger()
    /// The places of the tokens of the current text, if it has bytes without a token: their lengths
    /// do not tell where they are.
    private var places: [Range<Int>]?

    init(_ model: ByteLevelModel) { self.model = model }

    func reset() { out.removeAll() }

    func encode(_ text: UnsafeBufferPointer<UInt8>, isFirst: Bool) throws(SwiftletError) {
        guard model.splits.isEmpty else {
            for piece in try pieces(of: text) {
                encodeWords(UnsafeBufferPointer(rebasing: text[piece]))
            }
            return
        }
        if model.addsPrefixSpace, text.first != 0x20 {
            var prefixed: [UInt8] = [0x20]
            prefixed.append(contentsOf: text)
            prefixed.withUnsafeBufferPointer { encodeWords($0) }
        } else {
            encodeWords(text)
        }
    }

    func encode(
        _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, offsets: inout [Range<Int>]
    ) throws(SwiftletError) {
        let first = out.count
        if let gaps = model.pairs.gaps, gaps.occur(in: text) {
            return try encodeGappy(text, isFirst: isFirst, offsets: &offsets)
        }
        guard model.splits.isEmpty else {
            for piece in try pieces(of: text) {
                let first = out.count
                encodeWords(UnsafeBufferPointer(rebasing: text[piece]))
                appendOffsets(from: first, at: piece.lowerBound, to: &offsets)
            }
            return
        }
        try encode(text, isFirst: isFirst)
        let isPrefixed = model.addsPrefixSpace && text.first != 0x20
        appendOffsets(from: first, at: 0, isPrefixed: isPrefixed, to: &offsets)
    }

    /// Appends the ids of a text with bytes that have no token, and the places of the tokens.
    private func encodeGappy(
        _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, offsets: inout [Range<Int>]
    ) throws(SwiftletError) {
        defer { places = nil }
        guard model.splits.isEmpty else {
            for piece in try pieces(of: text) {
                places = []
                encodeWords(UnsafeBufferPointer(rebasing: text[piece]))
                let start = piece.lowerBound
                offsets += (places ?? []).map { start + $0.lowerBound..<start + $0.upperBound }
            }
            return
        }
        places = []
        try encode(text, isFirst: isFirst)
        // An inserted space has no bytes.
        let shift = model.addsPrefixSpace && text.first != 0x20 ? 1 : 0
        offsets += (places ?? []).map {
            max($0.lowerBound - shift, 0)..<max($0.upperBound - shift, 0)
        }
    }

    /// Appends the ids and the places of the tokens of each word.
    private func encodePlaced(
        _ text: UnsafeBufferPointer<UInt8>, _ gaps: ByteGaps, _ source: some WordSource
    ) {
        guard let base = text.baseAddress else { return }
        var tokens: [(id: Int32, range: Range<Int>)] = []
        var start = 0
        while start < text.count {
            let end = source.wordEnd(base, start, text.count)
            tokens.removeAll(keepingCapacity: true)
            gaps.append(UnsafeBufferPointer(rebasing: text[start..<end]), to: &tokens)
            for token in tokens {
                out.append(token.id)
                places?.append(start + token.range.lowerBound..<start + token.range.upperBound)
            }
            start = end
        }
    }

    /// Appends the ranges of the ids from `first` on, whose bytes follow one another from `start`
    /// on.
    ///
    /// - Parameters:
    ///   - first: The index of the first id.
    ///   - start: The byte where its token begins.
    ///   - isPrefixed: Whether the first token's length includes a space that was inserted before
    ///     the text and has no bytes.
    ///   - offsets: The list that is appended to.
    private func appendOffsets(
        from first: Int, at start: Int, isPrefixed: Bool = false, to offsets: inout [Range<Int>]
    ) {
        var isPrefixed = isPrefixed
        var position = start
        for index in first..<out.count {
            // In bounds: below the number of ids in use, and each is an id of the model.
            var length = model.pairs.vocabulary.length(of: Int(out.start[index]))
            if isPrefixed {
                length -= 1
                isPrefixed = false
            }
            offsets.append(position..<position + length)
            position += length
        }
    }

    /// The pieces into which the model's splits divide a text.
    private func pieces(
        of text: UnsafeBufferPointer<UInt8>
    ) throws(SwiftletError) -> [Range<Int>] {
        var pieces = [0..<text.count]
        for split in model.splits {
            var finer: [Range<Int>] = []
            for piece in pieces { try split.cut(text, piece, into: &finer) }
            pieces = finer
        }
        return pieces
    }

    private func encodeWords(_ text: UnsafeBufferPointer<UInt8>) {
        switch model.preTokenizer {
        // The most frequent ones are written out, so that the compiler makes a loop for each.
        case .spaced(GPT2Scanner()): encode(text, GPT2Scanner())
        case .spaced(let scanner): encode(text, scanner)
        case .joined(.qwen): encode(text, CL100KScanner.qwen)
        case .joined(.cl100k): encode(text, CL100KScanner.cl100k)
        case .joined(let scanner): encode(text, scanner)
        case .cased(let scanner): encode(text, scanner)
        case .deepSeek(let scanner): encode(text, scanner)
        case .lines(let scanner): encode(text, scanner)
        case .whole: encode(text, WholeScanner())
        }
    }

    @inline(__always)
    private func encode<Scanner: WordScanner>(
        _ text: UnsafeBufferPointer<UInt8>, _ scanner: Scanner
    ) {
        let source = ByteLevelWords(scanner: scanner, merger: merger, pairs: model.pairs)
        if places != nil, let gaps = model.pairs.gaps { return encodePlaced(text, gaps, source) }
        words.encode(text, source, into: out)
    }
}

/// The words of a byte-level model's pattern.
private struct ByteLevelWords<Scanner: WordScanner>: WordSource {
    let scanner: Scanner
    let merger: WordMerger
    let pairs: BytePairModel

    @inline(__always)
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        scanner.wordEnd(text, start, end)
    }

    @inline(__always)
    func certainStarts(_ text: UnsafePointer<UInt8>, left: Int) -> UInt64 {
        guard text[0] < 0x80 else { return 0 }
        let block = scanner.block(text, left: left)
        return (scanner.starts(block, text) | block.last &<< 1) & block.certain
    }

    func encode(_ word: UnsafeBufferPointer<UInt8>, into out: IDBuffer) {
        merger.merge(word, pairs, into: out)
    }
}
