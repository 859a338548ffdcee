import SwiftletLibc

/// Normally distributed numbers from a counter-based generator (Box and Muller 1958, in `Double`).
///
/// A stream belongs to a seed and a name, so that a tensor's numbers do not depend on the tensors
/// filled before it.
public struct NormalStream: Sendable {
    private var random: SplitMix64

    /// Creates the stream of a seed and a name.
    ///
    /// - Parameters:
    ///   - seed: the seed that all streams share.
    ///   - name: the name of this stream, such as a tensor's canonical name.
    public init(seed: UInt64, name: String) {
        let start = SplitMix64.mix(seed &+ SplitMix64.increment) ^ FNV1a(name.utf8).value
        random = SplitMix64(seed: SplitMix64.mix(start))
    }

    /// Overwrites `buffer` with the next numbers of the stream, with mean 0.
    ///
    /// Numbers are drawn in pairs; if the buffer has an odd length, the second number of the last pair
    /// is discarded.
    @unsafe
    public mutating func fill(
        _ buffer: UnsafeMutableBufferPointer<Float>, standardDeviation: Double
    ) {
        var index = 0
        while index < buffer.count {
            // u is in (0, 1], so that its logarithm is finite; the angle is in [0, 2 pi).
            let u = Double((random.next() >> 11) + 1) * 0x1p-53
            let angle = Double(random.next() >> 11) * (0x1p-53 * 2 * Double.pi)
            let radius = standardDeviation * (-2 * log(u)).squareRoot()
            // In bounds: index < buffer.count, and the second store is checked.
            unsafe buffer[index] = Float(radius * cos(angle))
            if index + 1 < buffer.count {
                unsafe buffer[index + 1] = Float(radius * sin(angle))
            }
            index += 2
        }
    }
}
