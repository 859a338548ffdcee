import RealModule
import SwiftletCompute

/// Rotary position embedding (Su and others 2021): pairs of a head's elements are turned by angles
/// that grow with the position.
public struct RotaryEmbedding: Sendable, Equatable {
    /// Elements of a head that are turned, an even number; the rest stay.
    public let dimensions: Int
    /// The base of the frequencies: pair i of d/2 turns by base^(−2i/d) a position.
    public let base: Double
    /// What stretches the frequencies for long texts.
    public let scaling: Scaling

    /// How frequencies are changed for texts longer than those trained on; as transformers'
    /// `modeling_rope_utils.py` computes it, and for the last one Qwen's `modeling_qwen.py`.
    public enum Scaling: Sendable, Equatable {
        /// As they are.
        case none
        /// All divided by a factor.
        case linear(factor: Double)
        /// Long waves divided by a factor, short ones kept, those between blended (Llama 3.1).
        case llama3(
            factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
            originalLength: Int)
        /// A base that grows with the text beyond `trainedLength`.
        case dynamic(factor: Double, trainedLength: Int)
        /// A base that grows in steps each time the text has doubled beyond `trainedLength`, fixed
        /// by a sequence's first part: Qwen of the first generation.
        case dynamicSteps(trainedLength: Int)
        /// Long waves divided by a factor, short ones kept, blended by their number of turns, and
        /// all turned vectors lengthened (Peng and others 2023).
        case yarn(YaRN)
    }

    /// The numbers of YaRN.
    public struct YaRN: Sendable, Equatable {
        /// What long waves are divided by.
        public let factor: Double
        /// What cosines and sines are multiplied with.
        public let attentionFactor: Double
        /// Waves that turn more often than this in the original length are kept.
        public let betaFast: Double
        /// Waves that turn less often than this are divided.
        public let betaSlow: Double
        /// The length trained on.
        public let originalLength: Int
        /// Whether the bounds of the blend are rounded to whole pairs.
        public let truncates: Bool
    }

    /// The text length that decides about the frequencies of tokens that join a sequence.
    ///
    /// - Parameters:
    ///   - first: the length of the sequence's first part, which was computed at once.
    ///   - total: the length with the tokens that join.
    func frequencyLength(first: Int, total: Int) -> Int {
        switch scaling {
        case .dynamicSteps: first
        default: total
        }
    }

    /// Whether a text's tokens turn by other angles when it is longer, up to `length`.
    func dependsOnLength(upTo length: Int) -> Bool {
        switch scaling {
        case .dynamic(_, let trainedLength), .dynamicSteps(let trainedLength):
            length > trainedLength
        default: false
        }
    }

    /// The turn of each pair a position in radians, rounded to single precision where the reference
    /// rounds: far from the beginning of a text the difference shows.
    ///
    /// - Parameter length: see ``frequencyLength(first:total:)``.
    func inverseFrequencies(length: Int) -> [Float] {
        let plain = { (base: Double) in
            (0..<dimensions / 2).map { pair in
                1 / Float(Double.pow(base, Double(Float(2 * pair) / Float(dimensions))))
            }
        }
        switch scaling {
        case .none: return plain(base)
        case .linear(let factor): return plain(base).map { $0 / Float(factor) }
        case .llama3(let factor, let low, let high, let original):
            return plain(base).map {
                Self.blended($0, factor: factor, low: low, high: high, original: original)
            }
        case .dynamic(let factor, let trained):
            let ratio = factor * Double(max(length, trained)) / Double(trained) - (factor - 1)
            return plain(base * Double.pow(ratio, exponent))
        case .dynamicSteps(let trained):
            // 2^⌈log2(length / trained) + 1⌉ − 1, at least 1.
            var doubled = 1
            while doubled * trained < length { doubled *= 2 }
            let alpha = length <= trained ? 1 : Double(2 * doubled - 1)
            return plain(base * Double.pow(alpha, exponent))
        case .yarn(let yarn): return blended(plain(base), yarn)
        }
    }

    /// By which power of a stretch the base grows, so that the longest wave grows by the stretch.
    private var exponent: Double { Double(dimensions) / Double(dimensions - 2) }

    /// What cosines and sines are multiplied with.
    var attentionFactor: Float {
        if case .yarn(let yarn) = scaling { Float(yarn.attentionFactor) } else { 1 }
    }

    private static func blended(
        _ frequency: Float, factor: Double, low: Double, high: Double, original: Int
    ) -> Float {
        let wavelength = 2 * Float.pi / frequency
        if wavelength < Float(Double(original) / high) { return frequency }
        if wavelength > Float(Double(original) / low) { return frequency / Float(factor) }
        let smooth = (Float(original) / wavelength - Float(low)) / Float(high - low)
        return (1 - smooth) * frequency / Float(factor) + smooth * frequency
    }

    private func blended(_ frequencies: [Float], _ yarn: YaRN) -> [Float] {
        // The pair whose wave turns so many times in the original length.
        let pair = { (turns: Double) in
            Double(dimensions)
                * Double.log(Double(yarn.originalLength) / (turns * 2 * Double.pi))
                / (2 * Double.log(base))
        }
        var (low, high) = (pair(yarn.betaFast), pair(yarn.betaSlow))
        if yarn.truncates { (low, high) = (low.rounded(.down), high.rounded(.up)) }
        (low, high) = (max(low, 0), min(high, Double(dimensions - 1)))
        if low == high { high += 0.001 }
        return frequencies.enumerated().map { index, frequency in
            let ramp = Float(min(max((Double(index) - low) / (high - low), 0), 1))
            return frequency / Float(yarn.factor) * ramp + frequency * (1 - ramp)
        }
    }
}
