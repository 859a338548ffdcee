/// A hand-written matcher for GPT-2's pattern: contractions; letters, numbers or other characters,
/// each with one space before them; and white space, without its last character if more text
/// follows.
///
/// ```
/// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
/// ```
enum GPT2Scanner: WordScanner {
    @inline(__always)
    static func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64 {
        // A run of a class begins a word, unless there is a space before it.
        let notAfterSpace = ~(block.spaces &<< 1)
        let others = block.others & ~(block.others &<< 1) & notAfterSpace
        var starts =
            (block.letters & ~(block.letters &<< 1) | block.digits & ~(block.digits &<< 1))
            & notAfterSpace | others
        // White space begins a word, and so does its last character, alone or with what follows it;
        // at the end of the text white space is one word.
        starts |= block.whites & ~(block.whites &<< 1 & (block.whites &>> 1 | block.last))
        var apostrophes = block.contractions(others)
        while apostrophes != 0 {
            let position = apostrophes.trailingZeroBitCount
            apostrophes &= apostrophes &- 1
            // In bounds: 16 bytes after the block are readable. Bits of `starts` beyond 63 are
            // lost.
            let length = contraction(text[position &+ 1], text[position &+ 2])
            if length > 0, position &+ length <= block.count {
                starts &= ~(2 << UInt64(position))
                starts |= 1 << UInt64(position &+ length)
            }
        }
        return starts
    }

    @inline(never)
    static func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        if text[start] == UInt8(ascii: "'"), start + 1 < end {
            let length = contraction(text[start + 1], start + 2 < end ? text[start + 2] : 0)
            if length > 0 { return start + length }
        }
        var position = start
        if text[start] == 0x20 {
            position += 1
            if position == end { return end }
        }
        let (code, length) = CheckedUTF8.decode(text, position, end)
        let kind = CharacterClass(code)
        if kind != .space { return CharacterRun.end(kind, text, position + length, end) }
        let run = CharacterRun.spaces(text, start, end)
        return run.end == end || run.last == start ? run.end : run.last
    }

    /// The length of the contraction of an apostrophe and two characters; 0 if it is none.
    @inline(__always)
    private static func contraction(_ first: UInt8, _ second: UInt8) -> Int {
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"): return second == UInt8(ascii: "e") ? 3 : 0
        case UInt8(ascii: "l"): return second == UInt8(ascii: "l") ? 3 : 0
        default: return 0
        }
    }
}
