import SwiftletBytes
import SwiftletCompute
import SwiftletText

extension GenerationSession {
    /// Continues a text in the background and delivers each token as it is chosen.
    ///
    /// Leaving the loop, or cancelling its task, stops the generation.
    ///
    /// - Parameters:
    ///   - prompt: the text (``PromptEncoder/front(_:)``).
    ///   - options: greedy, or sampling of a single sequence.
    /// - Returns: the tokens. The stream throws what ``PromptEncoder/front(_:)`` and
    ///   ``generate(_:_:onPiece:)->GeneratedSequence`` throw; usage (64) for a strategy that has no
    ///   tokens to deliver before it is finished.
    public func generate(
        prompt: String, _ options: GenerationOptions = .init()
    ) -> AsyncThrowingStream<GenerationPiece, any Error> {
        stream(options) { model throws(SwiftletError) in try PromptEncoder(model).front(prompt) }
    }

    /// Continues tokens in the background and delivers each new one as it is chosen.
    ///
    /// - Parameters:
    ///   - ids: the prompt, at least one token.
    ///   - options: as ``generate(prompt:_:)``.
    /// - Returns: the tokens. The stream throws as that of ``generate(prompt:_:)``; no input (66)
    ///   when the model has no tokenizer for the texts.
    public func generate(
        ids: [Int32], _ options: GenerationOptions = .init()
    ) -> AsyncThrowingStream<GenerationPiece, any Error> {
        stream(options) { _ in ids }
    }

    /// A session belongs to one thread, so the background gets one like it.
    private func stream(
        _ options: GenerationOptions,
        _ prompt: @escaping @Sendable (LanguageModel) throws(SwiftletError) -> [Int32]
    ) -> AsyncThrowingStream<GenerationPiece, any Error> {
        let (model, context, storage, tokenizer) = (model, context, cacheStorage, tokenizer)
        return AsyncThrowingStream { continuation in
            let task = Task.detached {
                do {
                    guard options.canStream else {
                        throw SwiftletError(
                            .usage, "beams and several samples cannot be streamed token by token")
                    }
                    let session = GenerationSession(
                        model, tokenizer: try tokenizer ?? model.tokenizer(), context: context,
                        cacheStorage: storage)
                    _ = try session.generate(try prompt(model), options) { piece in
                        continuation.yield(piece)
                        return !Task.isCancelled
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}
