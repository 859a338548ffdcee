import SwiftletBytes

extension SwiftletError.Code {
    /// A folder has no tokenizer file.
    public static let tokenizerMissing = Self("tokenizer.missing", .noInput)
    /// A tokenizer file ends before its form shows.
    public static let tokenizerTruncated = Self("tokenizer.truncated", .badData)
    /// A file that the tokenizer's form requires is missing (`merges.txt` beside `vocab.json`).
    public static let tokenizerIncomplete = Self("tokenizer.incomplete", .badData)
    /// A required key is missing, or a key is duplicate or has a value of the wrong type.
    public static let tokenizerKey = Self("tokenizer.key", .badData)
    /// A vocabulary entry is invalid: its id is malformed, or the id or token is duplicate.
    public static let tokenizerVocabulary = Self("tokenizer.vocabulary", .badData)
    /// A merge does not have two parts, or names a token that is not in the vocabulary.
    public static let tokenizerMerge = Self("tokenizer.merge", .badData)
    /// An added token contradicts the vocabulary.
    public static let tokenizerAddedToken = Self("tokenizer.addedToken", .badData)
    /// The files ask for something that would change the ids and that Swiftlet does not support.
    public static let tokenizerUnsupported = Self("tokenizer.unsupported", .unsupported)
    /// The library that matches patterns without a scanner is not installed.
    public static let tokenizerPatternLibraryMissing = Self(
        "tokenizer.patternLibraryMissing", .unsupported)
    /// A pattern is not a valid regular expression.
    public static let tokenizerPattern = Self("tokenizer.pattern", .badData)
    /// A pattern backtracks too much while splitting a text into words.
    public static let tokenizerPatternLimit = Self("tokenizer.patternLimit", .badData)
    /// A text has a word that the model has no tokens for, not even one that stands for unknown text.
    public static let tokenizerWord = Self("tokenizer.word", .badData)
    /// The steps of a normalizer and pre-tokenizer, or added tokens, contradict one another on a text.
    public static let tokenizerNormalization = Self("tokenizer.normalization", .badData)
    /// An id to be decoded is not in the vocabulary.
    public static let tokenIDUnknown = Self("tokenizer.id", .badData)
}

extension SwiftletError.Code {
    /// A `tokenizer.model` is truncated or is not a protocol buffer.
    public static let sentencePieceWire = Self("sentencepiece.wire", .badData)
    /// A piece of a `tokenizer.model` is invalid: empty, duplicate, of an unknown type, or with an
    /// invalid score.
    public static let sentencePiecePiece = Self("sentencepiece.piece", .badData)
    /// A setting of a `tokenizer.model` is invalid.
    public static let sentencePieceSpec = Self("sentencepiece.spec", .badData)
    /// The normalization rules of a `tokenizer.model` lead outside of themselves.
    public static let sentencePieceCharacterMap = Self("sentencepiece.characterMap", .badData)
    /// A `tokenizer.model` does not produce the pieces that it lists for its own samples.
    public static let sentencePieceSelfTest = Self("sentencepiece.selfTest", .badData)
}
