/// How many digits a word may have at most.
protocol DigitLimit {
    static var limit: Int { get }
}

/// Each digit a word: Qwen.
enum OneDigit: DigitLimit {
    static let limit = 1
}

/// Up to three digits a word: Llama 3, and cl100k itself.
enum ThreeDigits: DigitLimit {
    static let limit = 3
}

/// The pattern of OpenAI's cl100k and of the models that followed it, by hand.
///
/// ```
/// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
/// \s*[\r\n]+|\s+(?!\S)|\s+
/// ```
///
/// Contractions in either case; letters with one character before them that is no letter, number or
/// newline; numbers; other characters with a space before and newlines after them; white space up to
/// its last newline; white space without its last character if something follows.
enum CL100KScanner<Digits: DigitLimit>: WordScanner {
    @inline(__always)
    static func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64 {
        // What begins after a space belongs to it.
        let others = block.others & ~(block.others &<< 1) & ~(block.spaces &<< 1)
        // Newlines right after other characters belong to them: adding carries through their run.
        let afterOther = block.newlines & (block.others &<< 1)
        let taken = block.newlines & ~(block.newlines &+ afterOther)
        let white = block.whites & ~taken
        let newlines = block.newlines & ~taken
        let blanks = block.whites & ~block.newlines
        let lastBlanks = blanks & ~(block.whites &>> 1)
        // White space at the end of the text is not cut.
        var starts = white & ~(white &<< 1) | (lastBlanks & ~block.last) | others
        if newlines != 0 {
            // White space ends a word at its last newline; what follows that are the blanks from
            // which the end of the white space is reached without another newline.
            starts |= (newlines &<< 1) & floodDown(lastBlanks, through: blanks)
        }
        // Letters take a blank along, or another character that begins a word.
        starts |= block.letters & ~(block.letters &<< 1) & ~((blanks | others) &<< 1)
        starts |= Digits.limit == 1 ? block.digits : everyThird(block.digits)
        var apostrophes = block.contractions(others)
        while apostrophes != 0 {
            let position = apostrophes.trailingZeroBitCount
            apostrophes &= apostrophes &- 1
            // In bounds: a block has 16 readable bytes behind it. `starts` beyond 63 vanish.
            let length = contraction(text[position &+ 1], text[position &+ 2])
            if length > 0, position &+ length <= block.count {
                starts |= 1 << UInt64(position &+ length)
            }
        }
        return starts
    }

    /// `seeds` and all bits of `mask` that lead down from them without a gap.
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

    /// The first, fourth, seventh… bit of each run.
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

    /// The length of the contraction of an apostrophe and two ASCII characters; 0: none.
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
        let (code, length) = Character8.decode(text, start, end)
        let next = start + length
        switch CharacterClass(code) {
        case .letter: return CharacterRun.end(.letter, text, next, end)
        case .number: return CharacterRun.end(.number, text, next, end, atMost: Digits.limit - 1)
        case .space:
            if code != 0x0A, code != 0x0D, next < end {
                switch CharacterClass(Character8.decode(text, next, end).code) {
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
            if next < end, CharacterClass(Character8.decode(text, next, end).code) == .letter {
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
        // U+017F, the long s, is an "s" of the other case.
        if text[start + 1] == 0xC5, text[start + 2] == 0xBF { return 3 }
        return contraction(text[start + 1], text[start + 2])
    }

    /// The end of other characters and the newlines after them.
    private static func othersEnd(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        var position = CharacterRun.end(.other, text, from, end)
        while position < end, text[position] == 0x0A || text[position] == 0x0D { position += 1 }
        return position
    }

    /// The end of the first word of the white space at `start`.
    private static func spaceEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        let run = CharacterRun.spaces(text, start, end)
        if run.afterNewline > start { return run.afterNewline }
        return run.end == end || run.last == start ? run.end : run.last
    }
}
