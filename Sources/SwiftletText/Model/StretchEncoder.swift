import SwiftletBytes

/// Encodes stretches of text without added tokens, for one call at a time; it keeps its caches and
/// scratch memory for the next call.
protocol StretchEncoder: AnyObject {
    /// The ids so far; the tokenizer appends those of added tokens.
    var out: IDBuffer { get }

    /// Appends the ids of a stretch, which is not empty.
    ///
    /// - Parameters:
    ///   - text: Well-formed UTF-8.
    ///   - isFirst: Whether the stretch begins the text.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit``.
    func encode(_ text: UnsafeBufferPointer<UInt8>, isFirst: Bool) throws(SwiftletError)

    /// Appends the ids of a stretch, which is not empty, and for each id its range of bytes,
    /// counted from the beginning of the stretch.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, offsets: inout [Range<Int>]
    ) throws(SwiftletError)

    /// Discards the ids, and frees memory that only a very long text needs.
    func reset()
}
