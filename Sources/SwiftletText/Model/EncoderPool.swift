import SwiftletBytes
import Synchronization

/// The idle encoders of a tokenizer.
///
/// Each call takes one and puts it back, so that calls on several threads never wait for each other
/// and caches stay warm.
final class EncoderPool: Sendable {
    private let model: any TokenModel
    private let idle = Mutex<[Lent]>([])
    /// The largest number of idle encoders that are kept.
    private static let capacity = 64

    /// An encoder in transit between calls; whoever takes it out of the pool is its only user.
    private struct Lent: @unchecked Sendable {
        var encoder: any StretchEncoder
    }

    /// Creates a pool of encoders for `model`.
    init(_ model: any TokenModel) { self.model = model }

    /// Calls `body` with an encoder that no other call is using.
    func withEncoder<Result>(
        _ body: (any StretchEncoder) throws(SwiftletError) -> Result
    ) throws(SwiftletError) -> Result {
        let lent = idle.withLock { $0.popLast() } ?? Lent(encoder: model.makeEncoder())
        defer {
            lent.encoder.reset()
            idle.withLock { if $0.count < Self.capacity { $0.append(lent) } }
        }
        return try body(lent.encoder)
    }
}
