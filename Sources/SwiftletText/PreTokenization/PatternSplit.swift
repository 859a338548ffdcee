import SwiftletBytes

/// Splits text at the matches of a pattern, like `Split` of Hugging Face's tokenizers.
struct PatternSplit: Sendable {
    let pattern: TextPattern
    let behavior: SplitBehavior
    /// Whether the text between matches is treated as a match, and matches as the text between.
    let isInverted: Bool

    /// Appends the pieces of a part of `text` to `pieces`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit``.
    func cut(
        _ text: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, into pieces: inout [Range<Int>]
    ) throws(SwiftletError) {
        let matches = try pattern.matches(in: UnsafeBufferPointer(rebasing: text[part]))
        behavior.cut(part, at: matches, isInverted: isInverted, into: &pieces)
    }
}
