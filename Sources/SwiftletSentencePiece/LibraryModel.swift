import CSwiftletSentencePiece
import SwiftletBytes
import SwiftletText

/// A model of libsentencepiece.
///
/// Encoding does not change it, so threads may share it.
final class LibraryModel: SentencePieceEngine, @unchecked Sendable {
    private let model: OpaquePointer

    /// Opens the model with the given file content.
    ///
    /// - Throws: `SwiftletError.Code.sentencePieceSpec` with the library's reason.
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
                    // The context points to the closure above, which outlives the call.
                    context?.assumingMemoryBound(to: ((Int32, Int) -> Void).self).pointee(
                        id, length)
                } == 0
            }
        }
    }
}
