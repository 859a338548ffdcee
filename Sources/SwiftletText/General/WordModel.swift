import SwiftletBytes

/// Segments pre-tokens: the model of a `tokenizer.json`, after its normalizer and pre-tokenizer.
///
/// A word model knows nothing of the text around a word, so the tokens of a word may be cached.
protocol WordModel: Sendable {
    /// The tokens, by id and by their spelling in the file.
    var vocabulary: Vocabulary { get }

    /// The token that stands for text that the vocabulary cannot represent; nil if there is none.
    var unknown: Int32? { get }

    /// Whether the tokens of a word may be cached and used again for an equal word.
    var isCacheable: Bool { get }

    /// Appends the tokens of a word, each with its range of bytes in the word.
    ///
    /// - Parameters:
    ///   - word: Well-formed UTF-8 after normalization and pre-tokenization; not empty.
    ///   - tokens: The list that is appended to. Ranges lie in the word and ascend; they need
    ///     neither cover it nor begin and end between characters.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerWord`` for a word that the model has
    ///   no tokens for.
    func append(
        _ word: UnsafeBufferPointer<UInt8>, to tokens: inout [(id: Int32, range: Range<Int>)]
    ) throws(SwiftletError)
}

extension WordModel {
    var unknown: Int32? { nil }
    var isCacheable: Bool { true }
}
