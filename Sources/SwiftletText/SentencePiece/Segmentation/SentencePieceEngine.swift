import SwiftletBytes
import Synchronization

/// Cuts text into pieces with a model that Swiftlet's own engine does not have: SentencePiece's
/// algorithms unigram, word and char.
///
/// `SwiftletSentencePiece` makes one from libsentencepiece; this module needs nothing installed.
public protocol SentencePieceEngine: Sendable {
    /// Calls `body` with the id of each piece of a text and the number of bytes that it takes, which
    /// add up to the text.
    ///
    /// - Parameter text: UTF-8, normalized, not empty.
    /// - Returns: whether the engine could encode the text; if not, `body` was not called.
    func encode(_ text: UnsafeBufferPointer<UInt8>, _ body: (Int32, Int) -> Void) -> Bool
}

/// Where an engine for SentencePiece's other algorithms is announced.
public enum SentencePieceEngines {
    /// Makes an engine of the bytes of a model file, which have been checked as a whole and ask for
    /// no normalization.
    public typealias Maker = @Sendable (ByteView) throws(SwiftletError) -> any SentencePieceEngine

    private static let maker = Mutex<Maker?>(nil)

    /// Announces the engine for all tokenizers that are loaded from now on.
    public static func register(_ maker: @escaping Maker) { self.maker.withLock { $0 = maker } }

    /// The engine of a model file.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerUnsupported`` when none was announced.
    static func make(_ file: ByteView) throws(SwiftletError) -> any SentencePieceEngine {
        guard let maker = maker.withLock({ $0 }) else {
            throw SwiftletError(
                .tokenizerUnsupported,
                "a SentencePiece model of another algorithm than BPE is not supported",
                hint: "link SwiftletSentencePiece and call SentencePieceLibrary.register()")
        }
        return try maker(file)
    }
}
