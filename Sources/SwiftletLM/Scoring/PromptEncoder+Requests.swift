import SwiftletBytes

extension PromptEncoder {
    /// Requests the scores of all tokens of a text but the first.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - closes: whether a closing token is scored too.
    /// - Returns: the request.
    /// - Throws: as ``front(_:)``.
    public func request(text: String, closes: Bool) throws(SwiftletError) -> Scorer.Request {
        Scorer.Request(ids: try self.text(text, closes: closes))
    }

    /// Requests the scores of all tokens of a sequence but the first.
    ///
    /// - Parameters:
    ///   - ids: the sequence.
    ///   - closes: whether a closing token is scored too.
    /// - Returns: the request.
    /// - Throws: as ``closing(_:)``.
    public func request(ids: [Int32], closes: Bool) throws(SwiftletError) -> Scorer.Request {
        Scorer.Request(ids: closes ? try closing(ids) : ids)
    }

    /// Requests the scores of the tokens of a completion, given its prompt.
    ///
    /// - Parameters:
    ///   - prompt: encoded as a front.
    ///   - completion: encoded as its continuation.
    ///   - closes: whether a closing token is scored too.
    /// - Returns: the request.
    /// - Throws: as ``front(_:)``; ``SwiftletBytes/SwiftletError/Code/emptyPrompt`` for a prompt
    ///   without tokens, after which the completion's first token has no past.
    public func request(prompt: String, completion: String, closes: Bool) throws(SwiftletError)
        -> Scorer.Request
    {
        let front = try front(prompt)
        guard !front.isEmpty else {
            throw SwiftletError(
                .emptyPrompt,
                "the prompt has no tokens, so the completion's first token has no past")
        }
        return Scorer.Request(
            ids: front + (try continuation(completion, closes: closes)), firstScored: front.count)
    }
}
