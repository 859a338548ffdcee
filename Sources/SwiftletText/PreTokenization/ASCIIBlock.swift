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
    /// How many bytes there are before the first that is not ASCII: at most 64.
    let count: Int

    /// The block at `text`, where 64 bytes are readable.
    @inline(__always)
    init(_ text: UnsafePointer<UInt8>) {
        let block = swiftlet_classify64(text)
        count = block.beyond.trailingZeroBitCount
        // All ones where nothing is beyond ASCII.
        let known = (block.beyond & (0 &- block.beyond)) &- 1
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
    /// block no more than its first byte.
    @inline(__always)
    var certain: UInt64 {
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
