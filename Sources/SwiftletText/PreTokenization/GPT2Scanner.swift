/// A hand-written matcher for GPT-2's pattern: contractions; letters, numbers or other characters,
/// each with one space before them; and white space, without its last character if more text
/// follows.
///
/// ```
/// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
/// ```
///
/// In StarCoder and SmolLM, digits are cut off before the pattern is matched. The text between them
/// is matched on its own, so white space before a digit ends there.
struct GPT2Scanner: WordScanner, Equatable {
    /// How digits are cut before the pattern is matched; nil if the pattern alone splits.
    var digits: DigitRuns?
    /// Whether a `Digits` step cuts them.
    var knowsNewerNumbers = false

    private var contraction: Contraction {
        @inline(__always) get { .lowercase }
    }

    @inline(__always)
    func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64 {
        // A run of a class begins a word, unless there is a space before it.
        let notAfterSpace = ~(block.spaces &<< 1)
        let others = block.others & ~(block.others &<< 1) & notAfterSpace
        var starts = block.letters & ~(block.letters &<< 1) & notAfterSpace | others
        if let digits {
            starts |= digits.starts(block.digits)
        } else {
            starts |= block.digits & ~(block.digits &<< 1) & notAfterSpace
        }
        // White space begins a word, and so does its last character, alone or with what follows it;
        // at the end of the text, or before digits that are cut off, white space is one word.
        let ends = digits == nil ? block.last : block.last | block.digits &>> 1
        starts |= block.whites & ~(block.whites &<< 1 & (block.whites &>> 1 | ends))
        var apostrophes = block.contractions(others)
        while apostrophes != 0 {
            let position = apostrophes.trailingZeroBitCount
            apostrophes &= apostrophes &- 1
            // In bounds: 16 bytes after the block are readable. Bits of `starts` beyond 63 are
            // lost.
            let length = contraction.length(text[position &+ 1], text[position &+ 2])
            if length > 0, position &+ length <= block.count {
                starts &= ~(2 << UInt64(position))
                starts |= 1 << UInt64(position &+ length)
            }
        }
        return starts
    }

    private func kind(_ code: UInt32) -> CharacterClass {
        CharacterClass(code, knowsNewerNumbers: knowsNewerNumbers)
    }

    @inline(never)
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        if text[start] == UInt8(ascii: "'") {
            let length = contraction.length(text, start, end)
            if length > 0 { return start + length }
        }
        var position = start
        if text[start] == 0x20 {
            position += 1
            if position == end { return end }
        }
        let (code, length) = CheckedUTF8.decode(text, position, end)
        let kind = self.kind(code)
        if kind == .number, let digits {
            return position > start
                ? position
                : CharacterRun.numbersEnd(
                    CharacterClass(code), text, start + length, end, atMost: digits.more,
                    knowsNewerNumbers: knowsNewerNumbers)
        }
        if kind != .space {
            return CharacterRun.end(kind, text, position + length, end, by: self.kind)
        }
        let run = CharacterRun.spaces(text, start, end)
        if run.end == end || run.last == start { return run.end }
        if digits != nil,
            self.kind(CheckedUTF8.decode(text, run.end, end).code) == .number
        {
            return run.end
        }
        return run.last
    }
}
