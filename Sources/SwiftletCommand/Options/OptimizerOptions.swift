import ArgumentParser
import SwiftletTuning

extension LearningRateSchedule.Shape: ExpressibleByArgument {}
extension AdamW.Decay: ExpressibleByArgument {}

extension Warmup: ExpressibleByArgument {
    /// Reads a whole number as steps, and a number with a point or a percent sign as a share.
    public init?(argument: String) {
        if let steps = Int(argument) {
            self = .steps(steps)
        } else if argument.hasSuffix("%"), let percent = Double(argument.dropLast()),
            (0...100).contains(percent)
        {
            self = .share(percent / 100)
        } else if let share = Double(argument), (0...1).contains(share) {
            self = .share(share)
        } else {
            return nil
        }
    }

    /// How help shows the default.
    public var defaultValueDescription: String {
        switch self {
        case .steps(let count): "\(count)"
        case .share(let share): "\(share)"
        }
    }
}

/// How parameters are updated.
struct OptimizerOptions: ParsableArguments {
    enum Optimizer: String, ExpressibleByArgument, CaseIterable { case adam, adamw }

    @Option(help: ArgumentHelp("Learning rate at the end of the warm-up.", valueName: "rate"))
    var lr = 5e-5

    @Option(
        help: ArgumentHelp(
            "Steps over which the rate rises from 0: a whole number of steps, or a share of all "
                + "steps as 0.06 or 6%, rounded up.", valueName: "n"))
    var warmup = Warmup.steps(0)

    @Option(help: "Course of the learning rate after the warm-up.")
    var schedule = LearningRateSchedule.Shape.linear

    @Option(help: "Optimizer.")
    var optimizer = Optimizer.adamw

    @Option(
        help: ArgumentHelp(
            "Decoupled weight decay (default: 0.01 for adamw, 0 for adam).", valueName: "share"))
    var weightDecay: Double?

    @Option(help: "Parameters that decay: all, or matrices without biases and norms.")
    var decay = AdamW.Decay.all

    @Option(
        help: ArgumentHelp(
            "Largest global norm of the gradients; 0 does not clip.", valueName: "norm"))
    var clip = 1.0

    func apply(to options: inout FineTuneOptions) {
        options.learningRate = lr
        options.warmup = warmup
        options.schedule = schedule
        options.weightDecay = weightDecay ?? (optimizer == .adamw ? 0.01 : 0)
        options.decay = decay
        options.clip = clip
    }
}
