import SwiftletBytes
import SwiftletCompute
import SwiftletText

extension GenerationSession {
    /// Continues a prompt in the background and hands out each token as it is chosen.
    ///
    /// Ending the loop, or cancelling the task around it, ends the generation at the next token.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - prompt: a text, encoded with the family's own special tokens in front.
    ///   - options: what and how long.
    ///   - context: the threads.
    /// - Throws: from the stream: whatever ``generate(_:_:onPiece:)`` throws.
    public static func stream(
        _ model: LanguageModel, prompt: String, _ options: GenerationOptions = .init(),
        context: ComputeContext
    ) -> AsyncThrowingStream<GenerationPiece, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task.detached {
                do {
                    let tokenizer = try model.tokenizer()
                    let session = GenerationSession(model, tokenizer: tokenizer, context: context)
                    _ = try session.generate(tokenizer.encode(prompt).ids, options) { piece in
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
