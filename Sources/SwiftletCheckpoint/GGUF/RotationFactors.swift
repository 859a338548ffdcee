import SwiftletBytes
import SwiftletLibc

/// The divisors of the frequencies of a rotation, one per pair, that llama.cpp stores as the tensor
/// `rope_freqs.weight`, and the parameters of Llama 3.1's scaling that they come from.
///
/// Low frequencies are divided by a factor, high ones kept, those between blended: with x the turns that a
/// pair makes per position, 1 / divisor is 1, 1 / factor, or linear in x. The file has the divisors only;
/// the parameters follow from them up to the original length, which only scales the others.
enum RotationFactors {
    /// The parameters of transformers' kind `llama3`.
    struct Parameters {
        var factor: Double
        var low: Double
        var high: Double
        var originalLength: Int
    }

    /// Computes the divisors.
    ///
    /// - Parameters:
    ///   - parameters: the scaling.
    ///   - base: the base of the frequencies.
    ///   - dimensions: the rotated elements of a head.
    /// - Returns: one number per pair.
    static func divisors(_ parameters: Parameters, base: Double, dimensions: Int) -> [Float] {
        turns(base: base, dimensions: dimensions).map { x in
            let length = Double(parameters.originalLength) * x
            if length > parameters.high { return 1 }
            if length < parameters.low { return Float(parameters.factor) }
            let smooth = (length - parameters.low) / (parameters.high - parameters.low)
            return Float(1 / ((1 - smooth) / parameters.factor + smooth))
        }
    }

    /// Finds the parameters of divisors.
    ///
    /// - Parameters:
    ///   - divisors: one number per pair.
    ///   - base: the base of the frequencies.
    ///   - lengths: original lengths to try with the usual bounds of 1 and 4.
    /// - Returns: parameters that give the divisors again; nil if there are none.
    static func parameters(
        _ divisors: [Float], base: Double, lengths: [Int]
    ) -> Parameters? {
        guard let factor = divisors.max().map(Double.init), factor > 1, factor.isFinite else {
            return nil
        }
        let dimensions = 2 * divisors.count
        func fits(_ candidate: Parameters) -> Bool {
            zip(self.divisors(candidate, base: base, dimensions: dimensions), divisors)
                .allSatisfy { abs($0 - $1) <= 1e-5 * abs($1) }
        }
        for length in lengths {
            let usual = Parameters(factor: factor, low: 1, high: 4, originalLength: length)
            if fits(usual) { return usual }
        }
        guard let solved = solved(divisors, factor, base), fits(solved) else { return nil }
        return solved
    }

    /// Parameters from the blended divisors: the share of the unscaled frequency is a x − b.
    private static func solved(
        _ divisors: [Float], _ factor: Double, _ base: Double
    ) -> Parameters? {
        var points: [(x: Double, y: Double)] = []
        for (x, divisor) in zip(turns(base: base, dimensions: 2 * divisors.count), divisors) {
            let value = Double(divisor)
            guard value > 1, value < factor else { continue }
            points.append((x, (1 / value - 1 / factor) / (1 - 1 / factor)))
        }
        let length = 8192.0
        guard let first = points.first, let last = points.last, first.x != last.x else {
            return nil
        }
        let slope = (first.y - last.y) / (first.x - last.x)
        let offset = slope * first.x - first.y
        let width = length / slope
        guard width > 0, width.isFinite, offset > 0 else { return nil }
        return Parameters(
            factor: factor, low: offset * width, high: (offset + 1) * width, originalLength: 8192)
    }

    /// The turns of each pair per position.
    private static func turns(base: Double, dimensions: Int) -> [Double] {
        (0..<dimensions / 2).map { pair in
            pow(base, -Double(2 * pair) / Double(dimensions)) / (2 * Double.pi)
        }
    }
}
