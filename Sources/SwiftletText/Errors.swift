import SwiftletBytes

extension SwiftletError.Code {
    /// The folder holds no tokenizer file.
    public static let tokenizerMissing = Self("tokenizer.missing", .noInput)
    /// A file that belongs to the tokenizer's form is not there (`merges.txt` beside `vocab.json`).
    public static let tokenizerIncomplete = Self("tokenizer.incomplete", .badData)
    /// A key that must be there is missing, stands twice or has a value of another type.
    public static let tokenizerKey = Self("tokenizer.key", .badData)
    /// A vocabulary entry is impossible: an id that is no id, or that stands twice.
    public static let tokenizerVocabulary = Self("tokenizer.vocabulary", .badData)
    /// A merge is not two parts, or names a token that the vocabulary lacks.
    public static let tokenizerMerge = Self("tokenizer.merge", .badData)
    /// An added token contradicts the vocabulary.
    public static let tokenizerAddedToken = Self("tokenizer.addedToken", .badData)
    /// The files ask for something that would change the ids and that Swiftlet cannot do.
    public static let tokenizerUnsupported = Self("tokenizer.unsupported", .unsupported)
    /// The library that patterns without a scanner need is not installed.
    public static let tokenizerPatternLibraryMissing = Self(
        "tokenizer.patternLibraryMissing", .unsupported)
    /// A pattern is no regular expression.
    public static let tokenizerPattern = Self("tokenizer.pattern", .badData)
    /// A pattern tries too much to cut a text into words.
    public static let tokenizerPatternLimit = Self("tokenizer.patternLimit", .badData)
    /// An id that is to be decoded is not in the vocabulary.
    public static let tokenIDUnknown = Self("tokenizer.id", .badData)
}

extension SwiftletError.Code {
    /// A `tokenizer.model` is cut, or is no protocol buffer.
    public static let sentencePieceWire = Self("sentencepiece.wire", .badData)
    /// A piece of a `tokenizer.model` is impossible: empty, there twice, of no type, without a score.
    public static let sentencePiecePiece = Self("sentencepiece.piece", .badData)
    /// A setting of a `tokenizer.model` is impossible.
    public static let sentencePieceSpec = Self("sentencepiece.spec", .badData)
    /// The normalization rules of a `tokenizer.model` lead outside themselves.
    public static let sentencePieceCharacterMap = Self("sentencepiece.characterMap", .badData)
    /// A `tokenizer.model` does not give the pieces that it says it gives for its own samples.
    public static let sentencePieceSelfTest = Self("sentencepiece.selfTest", .badData)
}
