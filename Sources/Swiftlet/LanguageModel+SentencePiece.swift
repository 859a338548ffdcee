import SwiftletBytes
import SwiftletLM
import SwiftletSentencePiece
import SwiftletText

// Where this module is imported, `LanguageModel(…)` means these initializers, as `TextTokenizer(path:)`
// means that of SwiftletSentencePiece: the compiler prefers those with fewer parameters.

extension LanguageModel {
    /// Opens a model by its path or by an id of the Hugging Face Hub.
    ///
    /// Its tokenizer may use any algorithm of SentencePiece.
    ///
    /// - Parameters:
    ///   - model: A folder in Hub layout, or an id in the local Hugging Face cache.
    ///   - revision: A branch, a tag or a commit of an id; nil means `main`.
    ///   - strippingPrefix: As `Checkpoint` takes it.
    /// - Throws: As
    ///   ``/SwiftletLM/LanguageModel/init(_:revision:strippingPrefix:sentencePiece:)``.
    public init(
        _ model: String, revision: String? = nil, strippingPrefix: Bool = false
    ) throws(SwiftletError) {
        try self.init(
            model, revision: revision, strippingPrefix: strippingPrefix, sentencePiece: .library)
    }

    /// Opens a model.
    ///
    /// Its tokenizer may use any algorithm of SentencePiece.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - strippingPrefix: As `Checkpoint` takes it.
    /// - Throws: As ``/SwiftletLM/LanguageModel/init(path:strippingPrefix:sentencePiece:)``.
    public init(path: String, strippingPrefix: Bool = false) throws(SwiftletError) {
        try self.init(path: path, strippingPrefix: strippingPrefix, sentencePiece: .library)
    }
}
