import CSwiftletUnicode

/// A hand-written matcher for the pattern of OpenAI's o200k (GPT-4o) and of Mistral's Tekken.
///
/// ```
/// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|
/// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|
/// \p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
/// ```
///
/// It differs from ``CL100KScanner`` in its letters: a capital letter after a small one begins a
/// word, and a contraction belongs to the word before it. Slashes and newlines after other
/// characters belong to them.
struct O200KScanner: WordScanner, Equatable {
    /// The contractions that belong to a word before them.
    var contraction = Contraction.anyCase
    /// How digits are cut.
    var digits = DigitRuns.three

    @inline(__always)
    func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64 {
        let more = swiftlet_classify_more64(text)
        let upper = more.upper & block.letters
        let lower = block.letters & ~upper
        // What contractions cover joins the word before: those apostrophes are no others, and no
        // letter of them begins a word, but the byte after each begins one.
        let joined = contractions(block, text)
        let apart = block.others & ~joined.bytes
        // Newlines right after others, and newlines and slashes after those, belong to them.
        let tail = block.newlines | more.slashes & apart
        let afterOther = block.newlines & (apart &<< 1)
        let taken: UInt64
        if more.slashes & (block.newlines &<< 1) == 0 {
            taken = block.newlines & ~(block.newlines &+ afterOther)
        } else {
            taken = Bits.floodUp(afterOther, through: tail)
        }
        let othersLeft = apart & ~taken
        let others = othersLeft & ~(othersLeft &<< 1) & ~(block.spaces &<< 1)
        let white = block.whites & ~taken
        let newlines = block.newlines & ~taken
        let blanks = block.whites & ~block.newlines
        let lastBlanks = blanks & ~(block.whites &>> 1)
        var starts = white & ~(white &<< 1) | (lastBlanks & ~block.last) | others
        if newlines != 0 {
            starts |= (newlines &<< 1) & Bits.floodDown(lastBlanks, through: blanks)
        }
        // Letters as in cl100k's pattern, and capital letters after small ones.
        starts |= block.letters & ~(block.letters &<< 1) & ~((blanks | others) &<< 1)
        starts |= upper & (lower &<< 1)
        starts |= digits.starts(block.digits)
        return starts & ~joined.bytes | joined.ends
    }

    /// The contractions that belong to the letters before them: all of their bytes, and the bytes
    /// that follow them.
    @inline(__always)
    private func contractions(
        _ block: ASCIIBlock, _ text: UnsafePointer<UInt8>
    ) -> (bytes: UInt64, ends: UInt64) {
        guard contraction != .none else { return (0, 0) }
        var bytes: UInt64 = 0
        var ends: UInt64 = 0
        var apostrophes = block.apostrophes & (block.letters &<< 1) & (block.letters &>> 1)
        while apostrophes != 0 {
            let position = apostrophes.trailingZeroBitCount
            let bit = apostrophes & (0 &- apostrophes)
            apostrophes &= ~bit
            // The apostrophe after a contraction begins a word.
            guard ends & bit == 0 else { continue }
            // In bounds: 16 bytes after the block are readable.
            let length = contraction.length(text[position &+ 1], text[position &+ 2])
            guard length > 0, position &+ length <= block.count else { continue }
            // Bits beyond 63 are lost.
            let end = bit &<< UInt64(length)
            bytes |= end &- bit
            ends |= end
        }
        return (bytes, ends)
    }

    @inline(never)
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        let (code, length) = CheckedUTF8.decode(text, start, end)
        let next = start + length
        let kind = CharacterCategory(code)
        if kind.contains(.number) {
            return CharacterRun.end(.number, text, next, end, atMost: digits.more)
        }
        if code != 0x0A, code != 0x0D, let lettersEnd = lettersEnd(text, start, next, end, kind) {
            guard lettersEnd < end, text[lettersEnd] == UInt8(ascii: "'") else { return lettersEnd }
            return lettersEnd + contraction.length(text, lettersEnd, end)
        }
        if !kind.contains(.space) { return othersEnd(text, next, end) }
        if code == 0x20, next < end,
            CharacterClass(CheckedUTF8.decode(text, next, end).code) == .other
        {
            return othersEnd(text, next, end)
        }
        let run = CharacterRun.spaces(text, start, end)
        return run.firstWordEnd(from: start, isLast: run.end == end)
    }

    /// The end of the letters at `start`, or after the character there; nil if there are none.
    ///
    /// The pattern tries capitals with small letters first, and prefers to take a mark, which may be
    /// either, as the character before letters.
    private func lettersEnd(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ next: Int, _ end: Int,
        _ kind: CharacterCategory
    ) -> Int? {
        let mayPrecede = !kind.contains(.letter)
        let mayBegin = kind.isAny(of: [.letter, .mark])
        for needsSmall in [true, false] {
            if mayPrecede, let found = casedEnd(text, next, end, needsSmall: needsSmall) {
                return found
            }
            if mayBegin, let found = casedEnd(text, start, end, needsSmall: needsSmall) {
                return found
            }
        }
        return nil
    }

    /// The end of capitals and then small letters at `from`, where letters without case and marks
    /// count as both; nil if there are none.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - from: Where they begin.
    ///   - end: The end of the text.
    ///   - needsSmall: Whether at least one small letter is needed, instead of one capital.
    /// - Returns: The end.
    private func casedEnd(
        _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int, needsSmall: Bool
    ) -> Int? {
        var position = from
        // The end of the last character that counts as both.
        var bothEnd: Int?
        while position < end {
            let (code, length) = CheckedUTF8.decode(text, position, end)
            let kind = CharacterCategory(code)
            guard kind.isAny(of: [.letter, .mark]), !kind.contains(.lower) else { break }
            position &+= length
            if !kind.contains(.upper) { bothEnd = position }
        }
        let capitalsEnd = position
        while position < end {
            let (code, length) = CheckedUTF8.decode(text, position, end)
            let kind = CharacterCategory(code)
            guard kind.isAny(of: [.letter, .mark]), !kind.contains(.upper) else { break }
            position &+= length
        }
        if needsSmall { return position > capitalsEnd ? position : bothEnd }
        return capitalsEnd > from ? position : nil
    }

    /// The end of a run of others, and of the newlines and slashes after it.
    private func othersEnd(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        var position = CharacterRun.end(.other, text, from, end)
        while position < end {
            let byte = text[position]
            guard byte == 0x0A || byte == 0x0D || byte == UInt8(ascii: "/") else { break }
            position += 1
        }
        return position
    }
}
