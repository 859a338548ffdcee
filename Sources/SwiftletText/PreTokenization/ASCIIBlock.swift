import CSwiftletUnicode

/// 64 bytes of a text, from the beginning of a word on, with a mask of one bit per byte for each
/// class of ASCII characters: scanners find all words of a block by a few operations on masks.
///
/// The lowest bit is the first byte. From the first byte that is not ASCII on, the masks are zero
/// and say nothing about the text.
struct ASCIIBlock {
    /// The number of bytes that must be readable: the block, and sixteen from its last word on.
    static let readable = 80

    let letters: UInt64
    let digits: UInt64
    let spaces: UInt64
    /// White space of any kind, including `spaces` and `newlines`.
    let whites: UInt64
    /// CR and LF.
    let newlines: UInt64
    /// All other ASCII characters.
    let others: UInt64
    /// Apostrophes, which are also among the others.
    let apostrophes: UInt64
    /// The number of bytes before the first that is not ASCII, or before the end of the text; at
    /// most 64.
    let count: Int
    /// The bit of the last byte of the text; 0 if that is not among the first `count` bytes.
    let last: UInt64

    /// Classifies the block at `text`, where 64 bytes are readable, `left` of which (at least one)
    /// belong to the text.
    ///
    /// - Parameters:
    ///   - text: The block.
    ///   - left: The number of bytes left in the text.
    ///   - unknown: Further bytes to treat like those that are not ASCII.
    @inline(__always)
    init(_ text: UnsafePointer<UInt8>, left: Int, unknown: UInt64 = 0) {
        let block = swiftlet_classify64(text)
        // What follows the text counts as unknown, like bytes that are not ASCII.
        let end: UInt64 = left < 64 ? 1 &<< UInt64(truncatingIfNeeded: left) : 0
        let beyond = block.beyond | end | unknown
        count = beyond.trailingZeroBitCount
        last = count == left && left < 64 ? end &>> 1 : 0
        // All ones if nothing is unknown.
        let known = (beyond & (0 &- beyond)) &- 1
        letters = block.letters & known
        digits = block.digits & known
        spaces = block.spaces & known
        whites = (block.spaces | block.controls) & known
        newlines = block.newlines & known
        apostrophes = block.apostrophes & known
        others = ~(letters | digits | whites) & known
    }

    /// The positions at which the block alone tells whether a word begins.
    ///
    /// These are not the last three bytes, where a contraction may begin; and of white space that
    /// reaches the end of the block, at most the first byte. At the end of the text everything is
    /// known, and the end itself counts as a beginning.
    @inline(__always)
    var certain: UInt64 {
        if last != 0 { return last &<< 1 | (last &<< 1 &- 1) }
        // The white space at the end of the block, with the last byte in the highest bit.
        let atEnd = whites &<< UInt64(truncatingIfNeeded: 64 &- count)
        let run = (~atEnd).leadingZeroBitCount
        let last = count &- max(run, 3)
        return last < 0 ? 0 : UInt64.max &>> UInt64(truncatingIfNeeded: 63 &- last)
    }

    /// The apostrophes that begin a word and are followed by a letter, given the `starts` of words
    /// that begin with an other character.
    @inline(__always)
    func contractions(_ starts: UInt64) -> UInt64 { apostrophes & starts & letters &>> 1 }
}
