import SwiftletBytes
import Synchronization

/// The idle encoders of a tokenizer: each call takes one out and puts it back, so that calls on many
/// threads never wait for each other and caches stay warm.
final class EncoderPool: Sendable {
    private let model: any TokenModel
    private let idle = Mutex<[Lent]>([])
    /// How many idle encoders are kept.
    private static let most = 64

    /// An encoder on its way between calls: whoever took it out of the pool is alone with it.
    private struct Lent: @unchecked Sendable {
        var encoder: any StretchEncoder
    }

    /// A pool of encoders for `model`.
    init(_ model: any TokenModel) { self.model = model }

    /// Calls `body` with an encoder that no other call has.
    func withEncoder<Result>(
        _ body: (any StretchEncoder) throws(SwiftletError) -> Result
    ) throws(SwiftletError) -> Result {
        let lent = idle.withLock { $0.popLast() } ?? Lent(encoder: model.makeEncoder())
        defer {
            lent.encoder.reset()
            idle.withLock { if $0.count < Self.most { $0.append(lent) } }
        }
        return try body(lent.encoder)
    }
}
