import CSwiftletSentencePiece
import SwiftletBytes
import SwiftletText

/// SentencePiece's algorithms that Swiftlet has no engine for (unigram, word, char), through
/// libsentencepiece.
///
/// ```swift
/// SentencePieceLibrary.register()
/// let tokenizer = try TextTokenizer(path: "unigram/tokenizer.model")
/// ```
public enum SentencePieceLibrary {
    /// Lets ``TextTokenizer`` use the library for all models that are loaded from now on.
    public static func register() {
        SentencePieceEngines.register { (file) throws(SwiftletError) in
            try LibraryModel(file)
        }
    }
}

/// A model of the library. Encoding changes nothing in it, so threads may share it.
private final class LibraryModel: SentencePieceEngine, @unchecked Sendable {
    private let model: OpaquePointer

    init(_ file: ByteView) throws(SwiftletError) {
        var message = [CChar](repeating: 0, count: 256)
        let model = file.withUnsafeBytes { bytes in
            swiftlet_sentencepiece_open(
                bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, &message,
                message.count)
        }
        guard let model else {
            let end = message.firstIndex(of: 0) ?? message.count
            let reason = String(
                decoding: message[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw SwiftletError(
                .sentencePieceSpec, "libsentencepiece refuses the model: \(reason)")
        }
        self.model = model
    }

    deinit { swiftlet_sentencepiece_close(model) }

    func encode(_ text: UnsafeBufferPointer<UInt8>, _ body: (Int32, Int) -> Void) -> Bool {
        // The library counts in 32 bits.
        guard text.count < 1 << 30 else { return false }
        return withoutActuallyEscaping(body) { body in
            var body = body
            return withUnsafeMutablePointer(to: &body) { context in
                swiftlet_sentencepiece_encode(
                    model, text.baseAddress, text.count, context
                ) { context, id, length in
                    // The context is the closure above, which outlives the call.
                    context?.assumingMemoryBound(to: ((Int32, Int) -> Void).self).pointee(
                        id, length)
                } == 0
            }
        }
    }
}
