import SwiftletBytes
import SwiftletCompute

/// Updates parameters by their gradients, and holds what it remembers between steps.
public protocol Optimizer: AnyObject {
    /// The settings that the result depends on, as names and values of the run's record.
    var identity: JSONObject { get }

    /// The number of updates made.
    var stepCount: Int { get }

    /// What is remembered between steps: saved with a training state, under
    /// `PARAMETER.NAME`.
    var moments: [OptimizerMoment] { get }

    /// Takes up the state after `count` updates, once ``moments`` have been restored.
    func restore(stepCount count: Int)

    /// Updates all parameters.
    ///
    /// - Parameters:
    ///   - learningRate: the rate of this step.
    ///   - gradientScale: what gradients are multiplied by: less than 1 when they are clipped.
    ///   - context: the threads.
    func step(learningRate: Double, gradientScale: Double, _ context: ComputeContext)
}

/// One tensor of an optimizer's state.
public struct OptimizerMoment {
    /// The parameter that it belongs to, by its index.
    public let parameter: Int
    /// The kind, such as `exp_avg`.
    public let name: String
    /// The values, like the parameter's.
    public let values: StateMatrix

    /// Creates a moment.
    public init(parameter: Int, name: String, values: StateMatrix) {
        self.parameter = parameter
        self.name = name
        self.values = values
    }
}
