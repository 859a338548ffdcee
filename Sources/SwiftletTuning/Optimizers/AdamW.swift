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
    private let seed: UInt64
    /// Running means of the gradients, in the order of the parameters.
    private let firstMoments: [StateMatrix]
    /// Running means of the squared gradients, in the order of the parameters.
    private let secondMoments: [StateMatrix]
    /// The number of updates made.
    public private(set) var stepCount = 0

    /// Creates an optimizer whose moments are zero.
    ///
    /// - Parameters:
    ///   - parameters: what is updated.
    ///   - weightDecay: decoupled: each step removes learningRate × weightDecay of a value.
    ///   - decay: which parameters decay.
    ///   - moments: how the moments of matrices are kept: in single precision or bf16.
    ///   - seed: the seed of rounding to bf16.
    ///   - memory: where the moments are kept.
    /// - Throws: whatever `memory` throws.
    public init(
        _ parameters: [Parameter], weightDecay: Double, decay: Decay = .all,
        moments: StateMatrix.Form = .single, seed: UInt64 = 0,
        memory: any FloatStore = AnonymousFloats()
    ) throws(SwiftletError) {
        self.parameters = parameters
        self.weightDecay = weightDecay
        self.decay = decay
        self.seed = seed
        firstMoments = try Self.zeros(like: parameters, moments, memory)
        secondMoments = try Self.zeros(like: parameters, moments, memory)
    }

    private static func zeros(
        like parameters: [Parameter], _ form: StateMatrix.Form, _ memory: any FloatStore
    ) throws(SwiftletError) -> [StateMatrix] {
        var matrices: [StateMatrix] = []
        for parameter in parameters {
            matrices.append(
                try StateMatrix(
                    rows: parameter.gradient.rows, columns: parameter.gradient.columns,
                    parameter.isMatrix ? form : .single, in: memory))
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

    /// The seed of one parameter's rounding in this update.
    private func roundingKey(_ index: Int) -> UInt32 {
        let place = SplitMix64.mix(seed) &+ UInt64(stepCount) &* SplitMix64.increment
        return UInt32(truncatingIfNeeded: SplitMix64.mix(SplitMix64.mix(place) &+ UInt64(index)))
    }

    /// Takes up the state after `count` updates.
    public func restore(stepCount count: Int) { stepCount = count }

    /// Updates all parameters.
    public func step(learningRate: Double, gradientScale: Double, _ context: ComputeContext) {
        stepCount += 1
        for (index, parameter) in parameters.enumerated() {
            let decays = decay == .all || parameter.isMatrix
            context.adamW(
                parameter.storage, gradient: parameter.gradient, firstMoment: firstMoments[index],
                secondMoment: secondMoments[index], gradientScale: gradientScale,
                step: AdamWStep(
                    t: stepCount, learningRate: learningRate,
                    weightDecay: decays ? weightDecay : 0),
                key: roundingKey(index))
        }
    }
}
