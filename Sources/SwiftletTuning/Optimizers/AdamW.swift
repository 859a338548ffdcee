import SwiftletCompute
import SwiftletLM

/// AdamW (Loshchilov, Hutter 2019) over a set of parameters; with weight decay 0 it is Adam
/// (Kingma, Ba 2015).
public final class AdamW {
    /// Which parameters weight decay acts on.
    public enum Decay: String, Sendable, CaseIterable {
        /// All, as `torch.optim.AdamW` does without groups.
        case all
        /// Matrices only; biases and norms are left out.
        case matrices
    }

    private let parameters: [Parameter]
    private let weightDecay: Double
    private let decay: Decay
    /// The running means, in the parameters' order.
    let firstMoments: [Matrix]
    /// The running means of squares, in the parameters' order.
    let secondMoments: [Matrix]
    /// The steps done.
    public internal(set) var stepCount = 0

    /// Creates an optimizer with moments of zero.
    public init(_ parameters: [Parameter], weightDecay: Double, decay: Decay = .all) {
        self.parameters = parameters
        self.weightDecay = weightDecay
        self.decay = decay
        firstMoments = parameters.map {
            Matrix(rows: $0.value.rows, columns: $0.value.columns)
        }
        secondMoments = parameters.map {
            Matrix(rows: $0.value.rows, columns: $0.value.columns)
        }
    }

    /// Updates all parameters by their gradients.
    ///
    /// - Parameters:
    ///   - learningRate: this step's.
    ///   - gradientScale: what the gradients are multiplied with: from clipping, else 1.
    ///   - context: the threads.
    public func step(learningRate: Double, gradientScale: Double, _ context: ComputeContext) {
        stepCount += 1
        for (index, parameter) in parameters.enumerated() {
            let decays = decay == .all || parameter.isMatrix
            context.adamW(
                parameter.value, gradient: parameter.gradient, firstMoment: firstMoments[index],
                secondMoment: secondMoments[index], gradientScale: gradientScale,
                step: AdamWStep(
                    t: stepCount, learningRate: learningRate,
                    weightDecay: decays ? weightDecay : 0))
        }
    }
}
