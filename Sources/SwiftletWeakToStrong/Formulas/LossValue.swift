/// A loss of one row of logits with its gradient with respect to them.
public struct LossValue: Sendable, Equatable {
    /// The loss.
    public var value: Double
    /// The gradient, one number per logit.
    public var gradient: [Double]

    /// Creates a loss with its gradient.
    public init(value: Double, gradient: [Double]) {
        self.value = value
        self.gradient = gradient
    }
}

extension [Double] {
    /// The index of the largest element, the lowest of equal ones; 0 if there is none.
    var argmax: Int {
        var best = 0
        for index in indices where self[index] > self[best] { best = index }
        return best
    }

    /// For each index, the sum of the other elements, without subtracting any.
    var sumsOfOthers: [Double] {
        var sums = [Double](repeating: 0, count: count)
        var before = 0.0
        for index in indices {
            sums[index] = before
            before += self[index]
        }
        var after = 0.0
        for index in indices.reversed() {
            sums[index] += after
            after += self[index]
        }
        return sums
    }
}
