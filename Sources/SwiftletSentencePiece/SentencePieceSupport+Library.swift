import SwiftletBytes
import SwiftletText

extension SentencePieceSupport {
    /// BPE on Swiftlet's own engine; unigram, word and char through libsentencepiece.
    public static let library = SentencePieceSupport { (file) throws(SwiftletError) in
        try LibraryModel(file)
    }
}

extension TextTokenizer {
    /// Loads a tokenizer, with libsentencepiece for SentencePiece's algorithms other than BPE.
    ///
    /// Where this module is imported, `TextTokenizer(path:)` means this initializer: the compiler
    /// prefers it to ``/SwiftletText/TextTokenizer/init(path:sentencePiece:)`` with its default,
    /// which knows BPE alone.
    ///
    /// ```swift
    /// let tokenizer = try TextTokenizer(path: "unigram/tokenizer.model")
    /// ```
    ///
    /// - Parameter path: See ``/SwiftletText/TextTokenizer/init(path:sentencePiece:)``.
    /// - Throws: As ``/SwiftletText/TextTokenizer/init(path:sentencePiece:)``, and
    ///   ``/SwiftletText/SwiftletBytes/SwiftletError/Code/sentencePieceSpec`` for a model that
    ///   libsentencepiece refuses.
    public convenience init(path: String) throws(SwiftletError) {
        try self.init(path: path, sentencePiece: .library)
    }
}
