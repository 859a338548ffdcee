/// The maximum number of digits in a word.
protocol DigitLimit {
    static var limit: Int { get }
}

/// One digit per word: Qwen.
enum OneDigit: DigitLimit {
    static let limit = 1
}

/// Up to three digits per word: Llama 3, and cl100k itself.
enum ThreeDigits: DigitLimit {
    static let limit = 3
}

/// A hand-written matcher for the pattern of OpenAI's cl100k and of the models that adopted it.
///
/// ```
/// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
/// \s*[\r\n]+|\s+(?!\S)|\s+
/// ```
///
/// The words are contractions in either case; letters, with one character before them that is not a
/// letter, number or newline; numbers; other characters, with a space before and newlines after
/// them; white space up to its last newline; and white space without its last character if more
/// text follows.
enum CL100KScanner<Digits: DigitLimit>: WordScanner {
    /// Finds the words of a block by operations on masks, without a branch per character.
    ///
    /// An example, with the first byte on the left, `1` for a set bit, and up to three digits per
    /// word. The names are those of the code; `all` is the result:
    ///
    /// ```
    /// text         it's␣2024!⏎⇥ok␣⏎␣⏎␣␣a
    /// others       ..1......1...........   the apostrophe and the exclamation mark
    /// afterOther   ..........1..........   the newline after the latter
    /// white        ....1......1..111111.   all white space but that newline
    /// newlines     ...............1.1...   its newlines
    /// blanks       ....1......1..1.1.11.   white space that is not a newline
    /// lastBlanks   ....1......1.......1.   blanks before text
    /// starts       ..1.1....1.1..1....1.   others, runs of white space, and last blanks
    /// flood        ....1......1......11.   last blanks, and the blanks leading to them
    /// starts |=    ..................1..   after the last newline: (newlines << 1) & flood
    /// starts |=    1....................   letters: ok and a have a blank before them, and s an
    ///                                      apostrophe that begins a word
    /// starts |=    .....1..1............   everyThird(digits)
    /// all          1.1.11..11.1..1...11.
    /// ```
    ///
    /// These are the words `it`, `'s`, `␣`, `202`, `4`, `!⏎`, `⇥ok`, `␣⏎␣⏎`, `␣` and `␣a`. Finally,
    /// a contraction ends a word: `'s` sets the bit after it, which here is the space's and is set
    /// already. Where a block does not tell, beyond ASCII and at its end, ``wordEnd(_:_:_:)``
    /// follows a single word to its end.
    @inline(__always)
    static func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64 {
        // A run of others begins a word, unless there is a space before it.
        let others = block.others & ~(block.others &<< 1) & ~(block.spaces &<< 1)
        // Newlines right after others belong to them. The sum carries through each such run, which
        // clears it.
        let afterOther = block.newlines & (block.others &<< 1)
        let taken = block.newlines & ~(block.newlines &+ afterOther)
        let white = block.whites & ~taken
        let newlines = block.newlines & ~taken
        let blanks = block.whites & ~block.newlines
        let lastBlanks = blanks & ~(block.whites &>> 1)
        // White space, and its last blank if text follows: that is a word or begins one.
        var starts = white & ~(white &<< 1) | (lastBlanks & ~block.last) | others
        if newlines != 0 {
            // White space is a word up to its last newline. The next word begins after that
            // newline, at a blank from which only blanks lead to the end of the white space.
            starts |= (newlines &<< 1) & floodDown(lastBlanks, through: blanks)
        }
        // Letters begin a word unless a blank, or an other that begins a word, joins them.
        starts |= block.letters & ~(block.letters &<< 1) & ~((blanks | others) &<< 1)
        starts |= Digits.limit == 1 ? block.digits : everyThird(block.digits)
        var apostrophes = block.contractions(others)
        while apostrophes != 0 {
            let position = apostrophes.trailingZeroBitCount
            apostrophes &= apostrophes &- 1
            // In bounds: 16 bytes after the block are readable. Bits of `starts` beyond 63 are
            // lost.
            let length = contraction(text[position &+ 1], text[position &+ 2])
            if length > 0, position &+ length <= block.count {
                starts |= 1 << UInt64(position &+ length)
            }
        }
        return starts
    }

    /// `seeds`, and all bits of `mask` below them that are connected to one without a gap.
    @inline(__always)
    private static func floodDown(_ seeds: UInt64, through mask: UInt64) -> UInt64 {
        var flood = seeds
        var mask = mask
        flood |= mask & (flood &>> 1)
        mask &= mask &>> 1
        flood |= mask & (flood &>> 2)
        mask &= mask &>> 2
        flood |= mask & (flood &>> 4)
        mask &= mask &>> 4
        flood |= mask & (flood &>> 8)
        mask &= mask &>> 8
        flood |= mask & (flood &>> 16)
        mask &= mask &>> 16
        return flood | mask & (flood &>> 32)
    }

    /// The first, fourth, seventh … bit of each run.
    @inline(__always)
    private static func everyThird(_ runs: UInt64) -> UInt64 {
        var starts = runs & ~(runs &<< 1)
        let inside = runs & (runs &<< 1) & (runs &<< 2) & (runs &<< 3)
        var fresh = (starts &<< 3) & inside
        while fresh != 0 {
            starts |= fresh
            fresh = (fresh &<< 3) & inside
        }
        return starts
    }

    /// The length of the contraction of an apostrophe and two ASCII characters; 0 if it is none.
    @inline(__always)
    private static func contraction(_ first: UInt8, _ second: UInt8) -> Int {
        switch first | 0x20 {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return second | 0x20 == UInt8(ascii: "e") ? 3 : 0
        case UInt8(ascii: "l"): return second | 0x20 == UInt8(ascii: "l") ? 3 : 0
        default: return 0
        }
    }

    @inline(never)
    static func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        let (code, length) = CheckedUTF8.decode(text, start, end)
        let next = start + length
        switch CharacterClass(code) {
        case .letter: return CharacterRun.end(.letter, text, next, end)
        case .number: return CharacterRun.end(.number, text, next, end, atMost: Digits.limit - 1)
        case .space:
            if code != 0x0A, code != 0x0D, next < end {
                switch CharacterClass(CheckedUTF8.decode(text, next, end).code) {
                case .letter: return CharacterRun.end(.letter, text, next, end)
                case .other where code == 0x20: return othersEnd(text, next, end)
                default: break
                }
            }
            return spaceEnd(text, start, end)
        default:
            if code == 0x27 {
                let length = contraction(text, start, end)
                if length > 0 { return start + length }
            }
            if next < end, CharacterClass(CheckedUTF8.decode(text, next, end).code) == .letter {
                return CharacterRun.end(.letter, text, next, end)
            }
            return othersEnd(text, next, end)
        }
    }

    /// The length of the contraction at an apostrophe; 0 if there is none.
    private static func contraction(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int
    ) -> Int {
        guard start + 2 <= end - 1 else {
            return start + 2 == end ? contraction(text[start + 1], 0) : 0
        }
        // U+017F, the long s, matches "s" if case is ignored.
        if text[start + 1] == 0xC5, text[start + 2] == 0xBF { return 3 }
        return contraction(text[start + 1], text[start + 2])
    }

    /// The end of a run of others and the newlines after it.
    private static func othersEnd(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        var position = CharacterRun.end(.other, text, from, end)
        while position < end, text[position] == 0x0A || text[position] == 0x0D { position += 1 }
        return position
    }

    /// The end of the first word in the white space at `start`.
    private static func spaceEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        let run = CharacterRun.spaces(text, start, end)
        if run.afterNewline > start { return run.afterNewline }
        return run.end == end || run.last == start ? run.end : run.last
    }
}
