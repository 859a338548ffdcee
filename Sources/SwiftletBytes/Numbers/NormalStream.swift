import SwiftletLibc

/// Normally distributed numbers (Box and Muller 1958, in Double) from a counter-based generator.
///
/// A stream belongs to a seed and a name, so that what one tensor gets does not depend on which
/// others were filled before it.
public struct NormalStream: Sendable {
    private var random: SplitMix64

    /// The stream of a seed and a name.
    ///
    /// - Parameters:
    ///   - seed: the run's.
    ///   - name: what the numbers are for: a tensor's canonical name.
    public init(seed: UInt64, name: String) {
        // FNV-1a of the name's UTF-8, scattered together with the seed.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let start = SplitMix64.mix(seed &+ SplitMix64.increment) ^ hash
        random = SplitMix64(seed: SplitMix64.mix(start))
    }

    /// Overwrites `buffer` with the next numbers of the stream: mean 0, that standard deviation.
    ///
    /// Numbers come in pairs; a call for an odd count leaves the last pair's second one out.
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
