import SwiftletBytes
import SwiftletText
import Synchronization

/// The tokenizer of a model folder, opened on first use and shared from then on.
final class SharedTokenizer: Sendable {
    private let path: String
    private let sentencePiece: SentencePieceSupport
    private let opened = Mutex<TextTokenizer?>(nil)

    init(path: String, _ sentencePiece: SentencePieceSupport) {
        self.path = path
        self.sentencePiece = sentencePiece
    }

    /// The tokenizer.
    ///
    /// - Throws: as `TextTokenizer.init(path:sentencePiece:)`, again on each call until one succeeds.
    func callAsFunction() throws(SwiftletError) -> TextTokenizer {
        try opened.withLock { opened throws(SwiftletError) in
            if let opened { return opened }
            let tokenizer = try TextTokenizer(path: path, sentencePiece: sentencePiece)
            opened = tokenizer
            return tokenizer
        }
    }
}
