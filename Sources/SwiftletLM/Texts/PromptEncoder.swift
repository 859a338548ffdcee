import SwiftletBytes
import SwiftletText

/// Encodes texts as a model reads them: prompts, completions and whole texts.
///
/// A prompt and its completion are encoded separately and joined, so a token always ends where the
/// prompt ends. The tokens that open a text in the model's family (BOS) precede only its front. A
/// text is closed only on request, with a single token, and only if it does not already end with a
/// stop token. Whether the tokenizer's own template closes texts (`add_eos_token`, a post-processor)
/// makes no difference, so a closing token never precedes a completion or a continuation.
///
/// ```swift
/// let encoder = PromptEncoder(model)
/// let prompt = try encoder.front("2 + 2 =")
/// let completion = try encoder.continuation(" 4", closes: true)
/// ```
public struct PromptEncoder: Sendable {
    /// The tokens at which generation stops; may be empty.
    public let stopTokens: [Int32]
    /// The number of ids that the model knows.
    public let vocabularySize: Int
    let tokenizer: @Sendable () throws(SwiftletError) -> TextTokenizer
    /// Why the stop tokens are not known, for texts that need one of them.
    private let stopTokenError: SwiftletError?

    /// An encoder for a model, whose tokenizer is opened when the first text is encoded.
    public init(_ model: LanguageModel) {
        stopTokens = model.stopTokens
        stopTokenError = model.generationConfiguration.stopTokenError
        vocabularySize = model.decoder.description.vocabularySize
        tokenizer = { () throws(SwiftletError) in try model.tokenizer() }
    }

    /// An encoder without a model.
    ///
    /// - Parameters:
    ///   - tokenizer: encodes the texts.
    ///   - stopTokens: the tokens at which generation stops.
    ///   - vocabularySize: the number of ids that the model knows.
    public init(tokenizer: TextTokenizer, stopTokens: [Int32], vocabularySize: Int) {
        self.stopTokens = stopTokens
        stopTokenError = nil
        self.vocabularySize = vocabularySize
        self.tokenizer = { tokenizer }
    }

    /// Encodes the beginning of a text that a completion or a continuation will follow.
    ///
    /// - Throws: no input (66) when the model has no tokenizer; bad data (65) for a token outside
    ///   the model's vocabulary; as `TextTokenizer.encodeIDs(_:addSpecialTokens:specialTokens:)`.
    public func front(_ text: String) throws(SwiftletError) -> [Int32] {
        try opening() + body(text)
    }

    /// Encodes a text that follows a front, such as a completion.
    ///
    /// - Parameters:
    ///   - text: the text, with the space that separates it from the front, if there is one.
    ///   - closes: whether a closing token ends it.
    /// - Returns: the ids.
    /// - Throws: as ``front(_:)``.
    public func continuation(_ text: String, closes: Bool = false) throws(SwiftletError)
        -> [Int32]
    {
        let ids = try body(text)
        return closes ? try closed(ids) : ids
    }

    /// Encodes a whole text.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - closes: whether a closing token ends it.
    /// - Returns: the ids.
    /// - Throws: as ``front(_:)``.
    public func text(_ text: String, closes: Bool = false) throws(SwiftletError) -> [Int32] {
        try opening() + continuation(text, closes: closes)
    }

    /// Encodes a whole text exactly as the tokenizer's template does, for classification heads:
    /// they read the last token, whichever it was in training.
    ///
    /// - Throws: as ``front(_:)``.
    public func templated(_ text: String) throws(SwiftletError) -> [Int32] {
        try checked(try tokenizer().encodeIDs(text))
    }

    /// Closes a sequence that is given as ids.
    ///
    /// The first token never counts as a closing one: in some families the same token opens and
    /// closes texts.
    ///
    /// - Throws: bad data (65) for a closing token outside the model's vocabulary.
    public func closing(_ ids: [Int32]) throws(SwiftletError) -> [Int32] {
        Array(ids.prefix(1)) + (try closed(Array(ids.dropFirst())))
    }

    /// The token that closes texts: the tokenizer's `eos_token` if it is a stop token or there are
    /// no stop tokens, else the first stop token; nil if there is neither.
    ///
    /// The tokenizer is opened only when there is not exactly one stop token; one that is missing
    /// or cannot be read counts as one without `eos_token`.
    public func closingToken() -> Int32? {
        if stopTokens.count == 1 { return stopTokens[0] }
        if let token = (try? tokenizer())?.endOfSequence,
            stopTokens.isEmpty || stopTokens.contains(token)
        {
            return token
        }
        return stopTokens.first
    }

    private func opening() throws(SwiftletError) -> [Int32] {
        try checked(try tokenizer().openingTokens)
    }

    private func body(_ text: String) throws(SwiftletError) -> [Int32] {
        try checked(try tokenizer().encodeIDs(text, addSpecialTokens: false))
    }

    func closed(_ ids: [Int32]) throws(SwiftletError) -> [Int32] {
        if let stopTokenError { throw stopTokenError }
        guard let token = closingToken() else { return ids }
        if let last = ids.last, last == token || stopTokens.contains(last) { return ids }
        return ids + (try checked([token]))
    }

    func checked(_ ids: [Int32]) throws(SwiftletError) -> [Int32] {
        if let id = ids.first(where: { $0 < 0 || Int($0) >= vocabularySize }) {
            throw SwiftletError(
                .tokenOutsideVocabulary,
                "the tokenizer's id \(id) is outside the model's vocabulary of \(vocabularySize)")
        }
        return ids
    }
}
