import SwiftletBytes
import SwiftletTuning

/// How a strong model learns from the labels of weak ones: METHOD's choices, the standard settings
/// being those of METHOD without the auxiliary loss.
public struct StudentSettings: Sendable, Equatable {
    /// How the labels of several weak models are used.
    public enum Method: String, Sendable, CaseIterable {
        /// Cross-entropy against one weak model's labels.
        case single
        /// Equation (2): the weighted sum of the cross-entropies.
        case naive
        /// Cross-entropy against one target per prompt that all weak models have chosen together;
        /// for sequences.
        case joint
        /// Equation (4): the evidential loss.
        case bayesian
    }

    /// Whether the probabilities of sequences are transferred to the strong model's tokens.
    public enum Confidence: String, Sendable, CaseIterable {
        /// Hard labels: each token of the target has probability 1.
        case none
        /// Soft labels whose product over a word is the word's probability.
        case product
        /// Soft labels by equation (8) as printed.
        case eq8

        /// How a word's probability is divided; nil for hard labels.
        public var split: WordTransfer.Split? {
            switch self {
            case .none: nil
            case .product: .product
            case .eq8: .eq8
            }
        }
    }

    /// The bound of the logits' magnitude before they become evidence.
    public enum Clamp: Sendable, Equatable {
        /// 10 for classes, 20 for tokens.
        case standard
        /// No bound.
        case none
        /// ±c.
        case bound(Double)

        /// The bound for a kind of logits; nil for none.
        func bound(standard: Double) -> Double? {
            switch self {
            case .standard: standard
            case .none: nil
            case .bound(let bound): bound
            }
        }
    }

    /// METHOD's γ_max, where the auxiliary loss is used.
    public static let standardAuxiliary = 0.5

    /// How the labels are used.
    public var method = Method.bayesian
    /// w_i or λ_i, one per weak model; nil for 1/N each.
    public var weights: [Double]?
    /// γ_max, the weight that the model's own predictions reach; 0 leaves the auxiliary loss out.
    public var auxiliary = 0.0
    /// ρ: the share of the run in which γ grows to γ_max; 0 is γ_max from the first step.
    public var auxiliaryRamp = 1.0
    /// Whether own predictions are hardened so that classes are as frequent as in the weak labels;
    /// for two classes.
    public var balancedThreshold = false
    /// λ_max, the largest coefficient of the evidential regulariser; 0 leaves it out.
    public var lambda = 1.0
    /// Epochs in which λ grows to λ_max; 0 is λ_max from the first step.
    public var annealingEpochs = 10.0
    /// How a logit becomes evidence.
    public var evidence = EvidenceFunction.exp
    /// The bound of the logits' magnitude before they become evidence.
    public var clamp = Clamp.standard
    /// Added to every logit before it becomes evidence.
    public var offset = 0.0
    /// Whether soft labels are made for tokens.
    public var confidence = Confidence.none
    /// How candidates are scored for the joint target.
    public var jointScore = JointScore.sum

    /// The standard settings.
    public init() {}

    /// The weights of `count` weak models.
    ///
    /// - Parameter count: the number of weak models.
    /// - Returns: the given weights, or 1/N each.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` when their number differs.
    public func weights(count: Int) throws(SwiftletError) -> [Double] {
        guard let weights else { return Array(repeating: 1 / Double(max(count, 1)), count: count) }
        guard weights.count == count else {
            throw SwiftletError(
                .usage, "weights: \(weights.count) numbers for \(count) weak models")
        }
        return weights
    }

    /// γ at a step.
    func gamma(at progress: TrainingProgress) -> Double {
        CoefficientSchedule.auxiliary(
            step: Double(progress.step), total: Double(progress.totalSteps), maximum: auxiliary,
            ramp: auxiliaryRamp)
    }

    /// λ at a step, 0 for methods without the evidential loss.
    func lambda(at progress: TrainingProgress) -> Double {
        guard method == .bayesian else { return 0 }
        return CoefficientSchedule.regularizer(
            step: Double(progress.step), stepsPerEpoch: Double(progress.stepsPerEpoch),
            maximum: lambda, annealing: annealingEpochs)
    }

    /// Checks the ranges.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` naming the setting.
    public func validate() throws(SwiftletError) {
        func check(_ holds: Bool, _ name: String, _ rule: String) throws(SwiftletError) {
            if !holds { throw SwiftletError(.usage, "\(name) \(rule)") }
        }
        if let weights {
            try check(
                weights.allSatisfy { $0 >= 0 && $0.isFinite }, "weights",
                "must be a finite number from 0")
            try check(
                abs(weights.reduce(0, +) - 1) <= 1e-2, "weights", "must have the sum 1")
        }
        try check((0...1).contains(auxiliary), "aux", "must be from 0 to 1")
        try check(
            auxiliaryRamp >= 0 && auxiliaryRamp.isFinite, "aux-ramp",
            "must be a finite number from 0")
        try check(lambda >= 0 && lambda.isFinite, "lambda", "must be a finite number from 0")
        try check(
            annealingEpochs >= 0 && annealingEpochs.isFinite, "anneal-epochs",
            "must be a finite number from 0")
        if case .bound(let bound) = clamp {
            try check(bound >= 0 && bound.isFinite, "clamp", "must be a finite number from 0")
        }
        try check(offset.isFinite, "offset", "must be a finite number")
    }

    /// The settings that the result depends on, as names and values of the run's record.
    var identity: JSONObject {
        let standard = StudentSettings()
        var record: JSONObject = ["method": .string(method.rawValue)]
        if let weights { record.append("weights", .array(weights.map { JSONValue(finite: $0) })) }
        if auxiliary > 0 {
            record.append("aux", JSONValue(finite: auxiliary))
            record.append("aux-ramp", JSONValue(finite: auxiliaryRamp))
            if balancedThreshold { record.append("balanced-threshold", .bool(true)) }
        }
        if method == .bayesian {
            record.append("lambda", JSONValue(finite: lambda))
            record.append("anneal-epochs", JSONValue(finite: annealingEpochs))
            record.append("evidence", .string(evidence.rawValue))
            switch clamp {
            case .standard: break
            case .none: record.append("clamp", .string("none"))
            case .bound(let bound): record.append("clamp", JSONValue(finite: bound))
            }
            if offset != standard.offset { record.append("offset", JSONValue(finite: offset)) }
        }
        if confidence != .none { record.append("confidence", .string(confidence.rawValue)) }
        if jointScore != standard.jointScore {
            record.append("joint-score", .string(jointScore.rawValue))
        }
        return record
    }
}
