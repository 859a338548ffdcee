import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// AdamW (Loshchilov, Hutter 2019) over a set of parameters; with weight decay 0 it is Adam
/// (Kingma, Ba 2015).
public final class AdamW: Optimizer {
    /// Which parameters weight decay acts on.
    public enum Decay: String, Sendable, CaseIterable {
        /// All, as in `torch.optim.AdamW` without parameter groups.
        case all
        /// Matrices only; biases and norms are left out.
        case matrices
    }

    private let parameters: [Parameter]
    private let weightDecay: Double
    private let decay: Decay
    /// Running means of the gradients, in the order of the parameters.
    private let firstMoments: [Matrix]
    /// Running means of the squared gradients, in the order of the parameters.
    private let secondMoments: [Matrix]
    /// The number of updates made.
    public private(set) var stepCount = 0

    /// Creates an optimizer whose moments are zero.
    ///
    /// - Parameters:
    ///   - parameters: what is updated.
    ///   - weightDecay: decoupled: each step removes learningRate × weightDecay of a value.
    ///   - decay: which parameters decay.
    ///   - memory: where the moments are kept.
    /// - Throws: whatever `memory` throws.
    public init(
        _ parameters: [Parameter], weightDecay: Double, decay: Decay = .all,
        memory: any FloatStore = AnonymousFloats()
    ) throws(SwiftletError) {
        self.parameters = parameters
        self.weightDecay = weightDecay
        self.decay = decay
        firstMoments = try Self.zeros(like: parameters, memory)
        secondMoments = try Self.zeros(like: parameters, memory)
    }

    private static func zeros(like parameters: [Parameter], _ memory: any FloatStore)
        throws(SwiftletError) -> [Matrix]
    {
        var matrices: [Matrix] = []
        for parameter in parameters {
            matrices.append(
                try memory.makeMatrix(
                    rows: parameter.value.rows, columns: parameter.value.columns))
        }
        return matrices
    }

    /// Weight decay, and what it acts on.
    public var identity: JSONObject {
        ["weight-decay": JSONValue(finite: weightDecay), "decay": .string(decay.rawValue)]
    }

    /// Both moments of each parameter, `exp_avg` and `exp_avg_sq` as in PyTorch.
    public var moments: [OptimizerMoment] {
        parameters.indices.flatMap { index in
            [
                OptimizerMoment(parameter: index, name: "exp_avg", values: firstMoments[index]),
                OptimizerMoment(
                    parameter: index, name: "exp_avg_sq", values: secondMoments[index]),
            ]
        }
    }

    /// Takes up the state after `count` updates.
    public func restore(stepCount count: Int) { stepCount = count }

    /// Updates all parameters.
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
