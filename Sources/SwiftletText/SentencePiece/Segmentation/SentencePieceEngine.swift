import SwiftletBytes

/// Splits text into pieces with an algorithm that SwiftletText does not implement: SentencePiece's
/// unigram, word or char.
public protocol SentencePieceEngine: Sendable {
    /// Calls `body` with the id of each piece of a text and the number of bytes that it covers; the
    /// numbers add up to the length of the text.
    ///
    /// - Parameters:
    ///   - text: Normalized UTF-8, not empty.
    ///   - body: Receives the pieces in order.
    /// - Returns: Whether the engine could encode the text; if not, `body` was not called.
    func encode(_ text: UnsafeBufferPointer<UInt8>, _ body: (Int32, Int) -> Void) -> Bool
}
