import CSwiftletKernels

extension ComputeContext {
    /// Performs one AdamW update in place (Loshchilov, Hutter 2019), in the order of operations of
    /// `torch.optim.AdamW`.
    ///
    /// - Parameters:
    ///   - parameter: the values; contiguous, like all the matrices here.
    ///   - gradient: their gradient, used as gradient × `gradientScale`.
    ///   - firstMoment: the running mean of the gradient.
    ///   - secondMoment: the running mean of the squared gradient.
    ///   - gradientScale: the factor from clipping, or 1.
    ///   - step: the numbers of this update.
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
        forEachPiece(of: parameter.count, size: Self.elementsPerPiece) { range, _, _ in
            let start = range.lowerBound
            swiftlet_adamw(
                parameter.pointer + start, gradient.pointer + start, firstMoment.pointer + start,
                secondMoment.pointer + start, range.count, gradientScale, step.learningRate,
                step.beta1, step.beta2, step.epsilon, step.weightDecay, step.correction1,
                step.correction2)
        }
    }
}

/// The numbers of one AdamW update.
public struct AdamWStep: Sendable {
    /// The learning rate.
    public let learningRate: Double
    /// The decay rate of the first moment.
    public let beta1: Double
    /// The decay rate of the second moment.
    public let beta2: Double
    /// The term added to the root of the second moment.
    public let epsilon: Double
    /// Decoupled weight decay: each update multiplies parameters by 1 − learningRate × weightDecay.
    public let weightDecay: Double
    /// The bias correction of the first moment, 1 − beta1^t.
    public let correction1: Double
    /// The bias correction of the second moment, 1 − beta2^t.
    public let correction2: Double

    /// Creates the numbers of update `t`, counted from 1.
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

    /// base^exponent by repeated squaring, which is bit-identical on every system, unlike `pow`.
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
