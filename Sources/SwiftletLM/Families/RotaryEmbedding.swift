import RealModule
import SwiftletCompute

/// Rotary position embedding (Su et al.
///
/// 2021): pairs of a head's elements are rotated by angles proportional to the position.
public struct RotaryEmbedding: Sendable, Equatable {
    /// Elements of a head that are rotated, an even number; the rest are unchanged.
    public let dimensions: Int
    /// The base of the frequencies: pair i of d/2 rotates by base^(−2i/d) per position.
    public let base: Double
    /// How frequencies change for long texts.
    public let scaling: Scaling

    /// How frequencies change for texts longer than those in training, as computed by transformers'
    /// `modeling_rope_utils.py` and, for ``dynamicSteps(trainedLength:)``, Qwen's `modeling_qwen.py`.
    public enum Scaling: Sendable, Equatable {
        /// Unchanged.
        case none
        /// All divided by a factor.
        case linear(factor: Double)
        /// Low frequencies divided by a factor, high ones kept, those between blended (Llama 3.1).
        case llama3(
            factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
            originalLength: Int)
        /// A base that grows with the text length beyond `trainedLength`.
        case dynamic(factor: Double, trainedLength: Int)
        /// A base that grows each time the text length doubles beyond `trainedLength`, fixed by the
        /// first part of a sequence (Qwen, first generation).
        case dynamicSteps(trainedLength: Int)
        /// Low frequencies divided by a factor, high ones kept, blended by their number of turns, and
        /// all rotated vectors scaled (Peng et al. 2023).
        case yarn(YaRN)
    }

    /// Parameters of YaRN.
    public struct YaRN: Sendable, Equatable {
        /// Divisor of low frequencies.
        public let factor: Double
        /// Factor of cosines and sines.
        public let attentionFactor: Double
        /// Frequencies with more turns than this within the original length are kept.
        public let betaFast: Double
        /// Frequencies with fewer turns than this are divided.
        public let betaSlow: Double
        /// The text length in training.
        public let originalLength: Int
        /// Whether the bounds of the blend are rounded to whole pairs.
        public let truncates: Bool
    }

    /// Determines the text length that sets the frequencies of tokens appended to a sequence.
    ///
    /// - Parameters:
    ///   - first: the length of the sequence's first part, which was computed at once.
    ///   - total: the length including the appended tokens.
    /// - Returns: the length for ``inverseFrequencies(length:)``.
    func frequencyLength(first: Int, total: Int) -> Int {
        switch scaling {
        case .dynamicSteps: first
        default: total
        }
    }

    /// Whether tokens rotate by different angles in longer texts, up to `length`.
    func dependsOnLength(upTo length: Int) -> Bool {
        switch scaling {
        case .dynamic(_, let trainedLength), .dynamicSteps(let trainedLength):
            length > trainedLength
        default: false
        }
    }

    /// Computes the rotation of each pair per position, rounded to single precision where the
    /// reference rounds: far from the beginning of a text the difference shows.
    ///
    /// - Parameter length: see ``frequencyLength(first:total:)``.
    /// - Returns: radians, one value per pair.
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

    /// The exponent of a stretch by which the base grows, so that the longest wavelength grows by the
    /// stretch itself.
    private var exponent: Double { Double(dimensions) / Double(dimensions - 2) }

    /// Factor of cosines and sines.
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
        // The index of the pair that makes a number of turns within the original length.
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
