import CSwiftletUnicode

/// 64 bytes of a text from the beginning of a word on, each class of ASCII characters as a mask of
/// one bit a byte, so that scanners find all words of the block by a few operations on whole masks.
///
/// Masks have no bits at or after the first byte that is not ASCII, nor is anything known there.
struct ASCIIBlock {
    /// How many bytes a block needs to be readable: its own, and sixteen from the last word on.
    static let readable = 80

    let letters: UInt64
    let digits: UInt64
    let spaces: UInt64
    /// All white space, spaces and newlines included.
    let whites: UInt64
    /// CR and LF.
    let newlines: UInt64
    /// Every other ASCII character.
    let others: UInt64
    /// Apostrophes, which are among the others.
    let apostrophes: UInt64
    /// How many bytes there are before the first that is not ASCII or the text's end: at most 64.
    let count: Int
    /// The bit of the text's last byte, if the block has it and knows it; else 0.
    let last: UInt64

    /// The block at `text`, where 64 bytes are readable, `left` of them (at least one) the text's.
    @inline(__always)
    init(_ text: UnsafePointer<UInt8>, left: Int) {
        let block = swiftlet_classify64(text)
        // What follows the text is as unknown as what is not ASCII.
        let end: UInt64 = left < 64 ? 1 &<< UInt64(truncatingIfNeeded: left) : 0
        let beyond = block.beyond | end
        count = beyond.trailingZeroBitCount
        last = count == left && left < 64 ? end &>> 1 : 0
        // All ones where nothing is beyond.
        let known = (beyond & (0 &- beyond)) &- 1
        letters = block.letters & known
        digits = block.digits & known
        spaces = block.spaces & known
        whites = (block.spaces | block.controls) & known
        newlines = block.newlines & known
        apostrophes = block.apostrophes & known
        others = ~(letters | digits | whites) & known
    }

    /// Bits of the positions where a word's beginning can be told from the block: not the last
    /// three bytes, where a contraction may begin, and of white space that runs to the end of the
    /// block no more than its first byte. At the end of the text all is known, and the end counts as
    /// a beginning.
    @inline(__always)
    var certain: UInt64 {
        if last != 0 { return last &<< 1 | (last &<< 1 &- 1) }
        // White space in the last bytes, counted from the end.
        let atEnd = whites &<< UInt64(truncatingIfNeeded: 64 &- count)
        let run = (~atEnd).leadingZeroBitCount
        let last = count &- max(run, 3)
        return last < 0 ? 0 : UInt64.max &>> UInt64(truncatingIfNeeded: 63 &- last)
    }

    /// Where apostrophes begin a word and a letter follows, a character of class `others` that
    /// begins a word being one of `starts`.
    @inline(__always)
    func contractions(_ starts: UInt64) -> UInt64 { apostrophes & starts & letters &>> 1 }
}
