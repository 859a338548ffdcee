import SwiftletBytes

/// Text under normalization, each byte of which knows which bytes of the original it came from.
///
/// This is `NormalizedString` of Hugging Face's tokenizers, with its rules and their oddities: the
/// bytes of a character share one source, and a character inserted at the very beginning has an
/// empty one.
struct AlignedBytes {
    /// Where a byte comes from in the original.
    struct Source: Equatable {
        var start: UInt32
        var end: UInt32
    }

    /// A part of the text, and the part of the original that it stands for.
    struct Piece {
        var range: Range<Int>
        var original: Range<Int>
    }

    /// The longest text whose positions fit a source.
    static let maximumCount = Int(Int32.max) / 4

    /// The text, in UTF-8.
    private(set) var bytes: [UInt8] = []
    /// The source of each byte.
    private(set) var sources: [Source] = []
    /// Whether a byte may have an empty source.
    private(set) var hasEmptySources = false

    /// An empty text.
    init() {}

    /// A text as it is; its characters are their own sources.
    init(_ text: UnsafeBufferPointer<UInt8>) {
        bytes = Array(text)
        sources = [Source](unsafeUninitializedCapacity: text.count) { sources, count in
            guard let base = text.baseAddress else { return }
            // In bounds: one source per byte.
            while count < text.count {
                let end = count + CheckedUTF8.decode(base, count, text.count).length
                let source = Source(start: UInt32(count), end: UInt32(end))
                while count < end {
                    sources[count] = source
                    count += 1
                }
            }
        }
    }

    /// The whole text, standing for an original of `count` bytes.
    func whole(of count: Int) -> Piece { Piece(range: bytes.indices, original: 0..<count) }

    /// The part of a piece in `range`, which is not empty.
    func slice(_ range: Range<Int>) -> Piece {
        let start = Int(sources[range.lowerBound].start)
        return Piece(
            range: range, original: start..<max(start, Int(sources[range.upperBound - 1].end)))
    }

    /// Reserves memory for `count` bytes.
    mutating func reserve(_ count: Int) {
        bytes.reserveCapacity(count)
        sources.reserveCapacity(count)
    }

    // MARK: Appending

    /// Appends a byte.
    @inline(__always)
    mutating func append(_ byte: UInt8, _ source: Source) {
        bytes.append(byte)
        sources.append(source)
        if source.start == source.end { hasEmptySources = true }
    }

    /// Appends a part of another text.
    mutating func append(_ range: Range<Int>, of text: AlignedBytes) {
        guard !range.isEmpty else { return }
        bytes.append(contentsOf: text.bytes[range])
        sources.append(contentsOf: text.sources[range])
        if text.hasEmptySources { hasEmptySources = true }
    }

    /// Appends bytes that replace those of `piece` before `end`: they have the source of the last
    /// byte replaced.
    mutating func append(
        _ content: [UInt8], before end: Int, in piece: Piece, of text: AlignedBytes
    ) {
        let source = text.source(before: end, in: piece)
        for byte in content { append(byte, source) }
    }

    /// The source of a character inserted before `position`.
    private func source(before position: Int, in piece: Piece) -> Source {
        guard position <= piece.range.lowerBound else { return sources[position - 1] }
        let start = UInt32(piece.original.lowerBound)
        return Source(start: start, end: start)
    }

    // MARK: Transforming

    /// A character of a transformed text.
    struct Change {
        var code: UInt32
        /// 1 for an inserted character; 0 for one that replaces the next one; -n for one that does
        /// so and is followed by n characters that are removed.
        var change: Int32

        init(_ code: UInt32, _ change: Int32) {
            self.code = code
            self.change = change
        }
    }

    /// Appends a piece of another text after a transformation.
    ///
    /// - Parameters:
    ///   - changes: The characters of the new text.
    ///   - removed: The number of characters removed at the beginning.
    ///   - part: The range that is transformed; nil for all that stands for the piece's original.
    ///   - piece: The piece.
    ///   - text: The other text.
    /// - Returns: The piece of this text.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerNormalization`` if there are more
    ///   replacements than characters, which happens where a character has an empty source.
    mutating func append(
        _ changes: [Change], removing removed: Int = 0, part: Range<Int>? = nil, in piece: Piece,
        of text: AlignedBytes
    ) throws(SwiftletError) -> Piece {
        let first = bytes.count
        let part = part ?? text.affected(piece)
        append(piece.range.lowerBound..<part.lowerBound, of: text)
        var position = part.lowerBound
        func next() {
            guard position < part.upperBound else { return }
            position += 1
            while position < part.upperBound, text.bytes[position] & 0xC0 == 0x80 { position += 1 }
        }
        for _ in 0..<removed where position < part.upperBound { next() }
        for change in changes {
            let source: Source
            if change.change > 0 {
                source = text.source(before: position, in: piece)
            } else {
                guard position < piece.range.upperBound else {
                    throw SwiftletError(
                        .tokenizerNormalization,
                        "the steps of the tokenizer contradict one another on this text",
                        at: "offset \(piece.original.lowerBound)",
                        hint: "Hugging Face's tokenizers fails on it too")
                }
                source = text.sources[position]
                next()
                for _ in 0..<max(0, -Int(change.change)) where position < part.upperBound { next() }
            }
            append(character: change.code, source)
        }
        append(part.upperBound..<piece.range.upperBound, of: text)
        return Piece(range: first..<bytes.count, original: piece.original)
    }

    private mutating func append(character code: UInt32, _ source: Source) {
        guard code >= 0x80 else { return append(UInt8(truncatingIfNeeded: code), source) }
        guard let scalar = Unicode.Scalar(code) else { return }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            append(byte, source)
        }
    }

    /// The part of a piece that stands for its original, without characters at the beginning that
    /// have an empty source.
    private func affected(_ piece: Piece) -> Range<Int> {
        guard !piece.original.isEmpty else {
            return piece.range.lowerBound..<piece.range.lowerBound
        }
        guard hasEmptySources else { return piece.range }
        var start: Int?
        var end = piece.range.lowerBound
        for index in piece.range {
            let source = sources[index]
            guard Int(source.end) <= piece.original.upperBound else { break }
            if start == nil, source.start != source.end,
                Int(source.start) >= piece.original.lowerBound
            {
                start = index
            }
            end = index + 1
        }
        return (start ?? end)..<end
    }

    // MARK: Offsets

    /// The range of the original that a token stands for.
    ///
    /// A token that begins or ends inside of a character that is unchanged, or only spelled in the
    /// byte alphabet, begins or ends at its byte of the original.
    func origin(of range: Range<Int>, in piece: Piece) -> Range<Int> {
        guard !range.isEmpty else {
            let place = piece.original.lowerBound + range.lowerBound - piece.range.lowerBound
            return place..<place
        }
        let whole = slice(range).original
        let start = bytesBefore(range.lowerBound) ?? 0
        let end = bytesBefore(range.upperBound).map { Int(sources[range.upperBound].start) + $0 }
        return whole.lowerBound + start..<max(end ?? whole.upperBound, whole.lowerBound + start)
    }

    /// The number of bytes of a character of the original that come before `position`; nil if a
    /// character begins there or if it is changed.
    private func bytesBefore(_ position: Int) -> Int? {
        guard position > 0, position < bytes.count, sources[position - 1] == sources[position]
        else { return nil }
        let source = sources[position]
        let count = Int(source.end - source.start)
        guard (2...4).contains(count) else { return nil }
        // Each byte takes at most two bytes in the byte alphabet.
        var first = position
        while first > 0, position - first < 8, sources[first - 1] == source { first -= 1 }
        var end = position
        while end < bytes.count, end - first <= 8, sources[end] == source { end += 1 }
        guard end - first > count else { return end - first == count ? position - first : nil }
        var decoded: [UInt8] = []
        var before: [UInt8] = []
        guard ByteAlphabet.append(bytesOf: bytes[first..<end], to: &decoded),
            ByteAlphabet.append(bytesOf: bytes[first..<position], to: &before),
            decoded.count == count
        else { return nil }
        return before.count
    }
}
