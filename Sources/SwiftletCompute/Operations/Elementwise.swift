import CSwiftletKernels

extension ComputeContext {
    /// The sum of the squares of contiguous elements, in Double, over pieces in order.
    public func sumOfSquares(_ x: Matrix) -> Double {
        precondition(x.isContiguous)
        let pieces = (x.count + Self.elements - 1) / Self.elements
        let sums = PartialSums(count: pieces)
        forEachPiece(of: x.count, size: Self.elements) { range, piece, _ in
            sums[piece] = swiftlet_sum_of_squares(x.pointer + range.lowerBound, range.count)
        }
        return sums.total
    }

    /// Sets contiguous elements to zero, on all threads.
    public func clear(_ x: Matrix) {
        precondition(x.isContiguous)
        forEachPiece(of: x.count, size: 1 << 18) { range, _, _ in
            (x.pointer + range.lowerBound).update(repeating: 0, count: range.count)
        }
    }

    /// Multiplies each row of all heads by the row's factor, in place; its own backward pass.
    ///
    /// - Parameters:
    ///   - heads: the heads of some rows.
    ///   - factors: one a row.
    public func scaleRows(_ heads: Heads, factors: [Float]) {
        precondition(factors.count == heads.rows)
        forEachPiece(of: heads.rows, size: 16) { rows, _, _ in
            for row in rows {
                for head in 0..<heads.count {
                    swiftlet_scale(
                        factors[row], heads.matrix.row(row) + head * heads.stride, heads.size)
                }
            }
        }
    }

    /// One AdamW step (Loshchilov, Hutter 2019) with the order of operations of
    /// `torch.optim.AdamW`, in place.
    ///
    /// - Parameters:
    ///   - parameter: the values; contiguous like the rest.
    ///   - gradient: their gradient; read as gradient × `gradientScale`.
    ///   - firstMoment: the running mean.
    ///   - secondMoment: the running mean of squares.
    ///   - gradientScale: from clipping, else 1.
    ///   - step: this step's numbers.
    public func adamW(
        _ parameter: Matrix, gradient: Matrix, firstMoment: Matrix, secondMoment: Matrix,
        gradientScale: Double, step: AdamWStep
    ) {
        precondition(
            parameter.isContiguous && gradient.isContiguous && firstMoment.isContiguous
                && secondMoment.isContiguous)
        precondition(
            gradient.count == parameter.count && firstMoment.count == parameter.count
                && secondMoment.count == parameter.count)
        forEachPiece(of: parameter.count, size: Self.elements) { range, _, _ in
            let start = range.lowerBound
            swiftlet_adamw(
                parameter.pointer + start, gradient.pointer + start, firstMoment.pointer + start,
                secondMoment.pointer + start, range.count, gradientScale, step.learningRate,
                step.beta1, step.beta2, step.epsilon, step.weightDecay, step.correction1,
                step.correction2)
        }
    }
}

/// The numbers of one AdamW step.
public struct AdamWStep: Sendable {
    /// The learning rate.
    public let learningRate: Double
    /// The decay of the first moment.
    public let beta1: Double
    /// The decay of the second moment.
    public let beta2: Double
    /// Added to the root of the second moment.
    public let epsilon: Double
    /// Decoupled weight decay: the share lost a step is learningRate × weightDecay.
    public let weightDecay: Double
    /// 1 − beta1^t.
    public let correction1: Double
    /// 1 − beta2^t.
    public let correction2: Double

    /// The numbers of step `t`, counted from 1.
    public init(
        t: Int, learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8, weightDecay: Double
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        correction1 = 1 - Self.power(beta1, t)
        correction2 = 1 - Self.power(beta2, t)
    }

    /// base^exponent by squaring: the same bits on every system, unlike `pow`.
    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, square, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return result
    }
}

/// One number a piece, each written by the thread that has the piece and added up in order.
final class PartialSums: @unchecked Sendable {
    private let values: UnsafeMutableBufferPointer<Double>

    init(count: Int) {
        values = .allocate(capacity: count)
        values.initialize(repeating: 0)
    }

    deinit { values.deallocate() }

    subscript(index: Int) -> Double {
        get { values[index] }
        set { values[index] = newValue }
    }

    var total: Double { values.reduce(0, +) }
}
