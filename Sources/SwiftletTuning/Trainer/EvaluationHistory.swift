import SwiftletBytes

/// What evaluations are compared by.
public enum EvaluationMetric: String, Sendable, CaseIterable {
    /// The mean loss; lower is better.
    case loss
    /// The accuracy; higher is better.
    case accuracy

    /// The value of an evaluation; nil if it has none.
    func value(of evaluation: Evaluation) -> Double? {
        switch self {
        case .loss: evaluation.loss
        case .accuracy: evaluation.accuracy
        }
    }

    /// Whether a value is better than another; one that is not a number never is.
    func prefers(_ value: Double, to other: Double) -> Bool {
        self == .loss ? value < other : value > other
    }
}

/// The best evaluation of a run.
public struct BestEvaluation: Sendable, Equatable {
    /// What is compared.
    public let metric: EvaluationMetric
    /// The step that it followed; of equal evaluations the earliest.
    public let step: Int
    /// Its value.
    public let value: Double
}

/// The evaluations of a run so far, as far as they decide on its result and its end.
struct EvaluationHistory {
    let metric: EvaluationMetric
    /// Evaluations without improvement after which a run ends; nil for none.
    let patience: Int?
    /// The best evaluation; nil if none has a finite value.
    private(set) var best: BestEvaluation?
    /// Evaluations since the best one.
    private(set) var misses = 0

    init(metric: EvaluationMetric, patience: Int?) {
        self.metric = metric
        self.patience = patience
    }

    /// Adds an evaluation.
    ///
    /// - Returns: whether it is better than all before.
    mutating func add(_ evaluation: Evaluation, step: Int) -> Bool {
        if let value = metric.value(of: evaluation), value.isFinite,
            best.map({ metric.prefers(value, to: $0.value) }) ?? true
        {
            best = BestEvaluation(metric: metric, step: step, value: value)
            misses = 0
            return true
        }
        misses += 1
        return false
    }

    /// Whether the run has waited long enough for an improvement.
    var isExhausted: Bool { patience.map { misses >= $0 } ?? false }

    // MARK: In a state

    private static let keys = (
        step: "best_step", value: "best_value", misses: "evaluations_since_best"
    )

    /// The entries of a state's file.
    var object: JSONObject {
        var object: JSONObject = [:]
        if let best {
            object.append(Self.keys.step, JSONValue(best.step))
            object.append(Self.keys.value, JSONValue(finite: best.value))
        }
        object.append(Self.keys.misses, JSONValue(misses))
        return object
    }

    /// Takes up the evaluations of a state.
    ///
    /// - Parameters:
    ///   - state: the content of its file.
    ///   - file: the file, for errors.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/trainingState`` for entries of the wrong type.
    mutating func restore(_ state: JSONValue, _ file: String) throws(SwiftletError) {
        guard let misses = state[Self.keys.misses]?.int, misses >= 0 else {
            throw SwiftletError(
                .trainingState, file: file, "has no number of evaluations",
                at: "key \"\(Self.keys.misses)\"")
        }
        self.misses = misses
        guard let step = state[Self.keys.step] else { return }
        guard let step = step.int, let value = state[Self.keys.value]?.double else {
            throw SwiftletError(
                .trainingState, file: file, "is not a step with its value",
                at: "key \"\(Self.keys.step)\"")
        }
        best = BestEvaluation(metric: metric, step: step, value: value)
    }
}
