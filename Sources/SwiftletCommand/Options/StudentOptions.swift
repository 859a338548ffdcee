import ArgumentParser
import SwiftletBytes
import SwiftletWeakToStrong

extension StudentSettings.Method: ExpressibleByArgument {}
extension StudentSettings.Confidence: ExpressibleByArgument {}
extension EvidenceFunction: ExpressibleByArgument {}
extension JointScore: ExpressibleByArgument {}

/// How a strong model learns from weak labels.
struct StudentOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "single: cross-entropy with one file of labels; naive: the weighted sum over all files; "
                + "joint: with the response that all weak models like best; bayesian: the "
                + "evidential loss.", valueName: "method"))
    var method = StudentSettings.Method.bayesian

    @Option(
        help: ArgumentHelp(
            "Weights of the files, separated by commas, with the sum 1 (default: equal).",
            valueName: "weights"))
    var weights: String?

    @Option(
        help: ArgumentHelp(
            "Weight that the model's own predictions reach in the loss, from 0 to 1.",
            valueName: "gamma"))
    var aux = 0.0

    @Option(
        help: ArgumentHelp(
            "Share of the run in which that weight grows; 0: all of it from the first step.",
            valueName: "rho"))
    var auxRamp = 1.0

    @Flag(
        help:
            "Classes: harden own predictions so that both classes are as frequent in a batch as in its labels."
    )
    var balancedThreshold = false

    @Option(
        help: ArgumentHelp(
            "Largest coefficient of the evidential regulariser; 0 leaves it out.",
            valueName: "lambda"))
    var lambda = 1.0

    @Option(
        help: ArgumentHelp(
            "Epochs in which that coefficient grows; 0: all of it from the first step.",
            valueName: "epochs"))
    var annealEpochs = 10.0

    @Option(help: "How logits become evidence.")
    var evidence = EvidenceFunction.exp

    @Option(
        help: ArgumentHelp(
            "Bound of the logits' magnitude as evidence, or none (default: 10 for classes, 20 for "
                + "tokens).", valueName: "c"))
    var clamp: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Added to logits before they become evidence.", valueName: "b"))
    var offset = 0.0

    @Option(
        help: ArgumentHelp(
            "Sequences: soft labels from the words' probabilities, divided among the tokens so that "
                + "their product is kept (product, if no value is given) or by equation (8) as "
                + "printed (eq8).", valueName: "split"))
    var confidence = StudentSettings.Confidence.none

    @Option(
        help: ArgumentHelp("joint: how candidates are scored.", valueName: "score"))
    var jointScore = JointScore.sum

    /// The settings that the options select; the library checks ranges.
    ///
    /// - Throws: usage (64).
    func settings() throws(SwiftletError) -> StudentSettings {
        var settings = StudentSettings()
        settings.method = method
        settings.weights = try Self.weights(weights)
        settings.auxiliary = aux
        settings.auxiliaryRamp = auxRamp
        settings.balancedThreshold = balancedThreshold
        settings.lambda = lambda
        settings.annealingEpochs = annealEpochs
        settings.evidence = evidence
        if clamp == "none" {
            settings.clamp = .none
        } else if let clamp {
            guard let bound = Double(clamp) else {
                throw SwiftletError(.usage, "--clamp: \"\(clamp)\" is neither a number nor none")
            }
            settings.clamp = .bound(bound)
        }
        settings.offset = offset
        settings.confidence = confidence
        settings.jointScore = jointScore
        try settings.validate()
        return settings
    }

    /// Reads numbers separated by commas.
    ///
    /// - Throws: usage (64).
    static func weights(_ text: String?) throws(SwiftletError) -> [Double]? {
        guard let text else { return nil }
        var weights: [Double] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let weight = Double(part) else {
                throw SwiftletError(.usage, "--weights: \"\(part)\" is not a number")
            }
            weights.append(weight)
        }
        return weights
    }

    /// Gives `--confidence` its value where it stands alone: options of the parser always have one.
    ///
    /// - Parameter arguments: of the command line.
    /// - Returns: the arguments with the value added.
    static func completing(_ arguments: [String]) -> [String] {
        var completed: [String] = []
        for (index, argument) in arguments.enumerated() {
            completed.append(argument)
            guard argument == "--confidence" else { continue }
            let next = arguments.dropFirst(index + 1).first
            if next.flatMap(StudentSettings.Confidence.init(rawValue:)) == nil {
                completed.append(StudentSettings.Confidence.product.rawValue)
            }
        }
        return completed
    }
}

/// How the student's tensors are trained.
struct TuningOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "full: the tensors themselves; lora: low-rank adapters, saved in PEFT's layout (default: "
                + "full, or lora with one of its options).", valueName: "method"))
    var tuning: MethodOptions.Method?

    @OptionGroup var tensors: TensorOptions

    /// Whether adapters are trained.
    var usesAdapters: Bool {
        tuning.map { $0 == .lora } ?? (tensors.isConfigured || tensors.adapter != nil)
    }

    func validate() throws { try tensors.validate(option: "--tuning", usesAdapters: usesAdapters) }
}
