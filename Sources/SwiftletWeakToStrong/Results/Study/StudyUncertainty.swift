import RealModule
import SwiftletTasks

/// What the uncertainty of the students of an experiment is worth.
struct StudyUncertainty {
    /// A score that should be high where a student is wrong.
    enum Signal: String, CaseIterable {
        /// K/α0 of the evidential student.
        case evidential
        /// 1 − the largest probability.
        case leastConfidence
        /// The entropy of the probabilities.
        case entropy
        /// −log of the probability of the generated text.
        case answerProbability
        /// How far the weak models' answers are apart.
        case disagreement

        /// The name for people.
        var title: String {
            switch self {
            case .evidential: "K/α₀"
            case .leastConfidence: "1 − largest probability"
            case .entropy: "entropy"
            case .answerProbability: "−log p of the answer"
            case .disagreement: "disagreement of the weak models"
            }
        }
    }

    /// How well a signal ranks a student's errors.
    struct Ranking {
        let model: RunResults.Student
        let signal: Signal
        /// Seed by seed.
        var auroc = Spread([])
        /// Seed by seed.
        var area = Spread([])
        /// The share of wrong answers, seed by seed.
        var errors = Spread([])
        /// The risk at coverages, averaged over the seeds.
        var curve: [(coverage: Double, risk: Double)] = []
    }

    /// How well a model is calibrated.
    struct Calibrated {
        let model: RunResults.Student
        /// Whether the probabilities are α/α0 rather than the softmax.
        let isEvidential: Bool
        /// The expected calibration error, seed by seed.
        let error: Spread
        /// All seeds' answers together.
        let calibration: Calibration
    }

    /// The number of bins of the calibration error.
    static let binCount = 15

    let rankings: [Ranking]
    let calibrations: [Calibrated]

    /// Examines the students of an experiment.
    init(_ experiment: StudyResults.Experiment) {
        let students = experiment.models.filter { model in
            let method = ResultMethod(model.method)
            return method.role == .bayesian || method.role == .naive
        }
        rankings = students.flatMap { model in
            Signal.allCases.compactMap { Self.ranking(experiment, model, $0) }
        }
        calibrations = experiment.models.flatMap { model in
            [false, true].compactMap { Self.calibration(experiment, model, isEvidential: $0) }
        }
    }

    // MARK: Ranking

    private static func ranking(
        _ experiment: StudyResults.Experiment, _ model: RunResults.Student, _ signal: Signal
    ) -> Ranking? {
        // Of a student that has not learned evidence, K/α0 means nothing.
        let isBayesian = ResultMethod(model.method).role == .bayesian
        if signal == .evidential, !isBayesian { return nil }
        var ranking = Ranking(model: model, signal: signal)
        var (auroc, areas, errors): ([Double], [Double], [Double]) = ([], [], [])
        var curves: [RiskCoverage] = []
        for row in experiment.pooled where row.model == model {
            guard let scores = scores(row, signal, experiment) else { continue }
            let wrong = row.examples.map { !$0.isCorrect }
            if let value = ErrorRanking.auroc(scores, isWrong: wrong) { auroc.append(value) }
            let curve = RiskCoverage(scores, isWrong: wrong)
            if let area = curve.area { areas.append(area) }
            errors.append(Double(wrong.count { $0 }) / Double(max(wrong.count, 1)))
            curves.append(curve)
        }
        guard !curves.isEmpty else { return nil }
        ranking.auroc = Spread(auroc)
        ranking.area = Spread(areas)
        ranking.errors = Spread(errors)
        ranking.curve = (1...50).compactMap { step in
            let coverage = Double(step) / 50
            return Spread(curves.compactMap { $0.risk(at: coverage) }).mean.map { (coverage, $0) }
        }
        return ranking
    }

    /// The signal for each answer; nil if one has none.
    private static func scores(
        _ row: StudyResults.Pooled, _ signal: Signal, _ experiment: StudyResults.Experiment
    ) -> [Double]? {
        let values: [Double]
        switch signal {
        case .evidential: values = row.examples.compactMap(\.uncertainty)
        case .leastConfidence:
            values = row.examples.compactMap { $0.probabilities.max().map { 1 - $0 } }
        case .entropy:
            values = row.examples.map(\.probabilities).filter { !$0.isEmpty }.map(entropy)
        case .answerProbability: values = row.examples.compactMap { $0.score.map { -$0 } }
        case .disagreement: return disagreements(row, experiment)
        }
        return values.count == row.examples.count && !values.isEmpty ? values : nil
    }

    private static func entropy(_ probabilities: [Double]) -> Double {
        rounded(probabilities.reduce(0) { $1 > 0 ? $0 - $1 * Double.log($1) : $0 })
    }

    /// Without the last bits, which depend on the order of the classes and would break ties.
    private static func rounded(_ value: Double) -> Double { (value * 1e12).rounded() / 1e12 }

    private static func disagreements(
        _ row: StudyResults.Pooled, _ experiment: StudyResults.Experiment
    ) -> [Double]? {
        let models = experiment.models.filter { ResultMethod($0.method).isWeak }
        let weak = models.compactMap { experiment.row($0, row.seed) }
        guard weak.count == models.count, weak.count > 1 else { return nil }
        let answers = weak.map { row in
            Dictionary(row.examples.map { ($0.id, $0) }) { first, _ in first }
        }
        var values: [Double] = []
        for example in row.examples {
            let given = answers.compactMap { $0[example.id] }
            guard given.count == weak.count, let value = disagreement(given) else { return nil }
            values.append(rounded(value))
        }
        return values
    }

    private static func disagreement(_ answers: [StudyRow.Example]) -> Double? {
        let width = answers.first?.probabilities.count ?? 0
        if width > 0 {
            guard answers.allSatisfy({ $0.probabilities.count == width }) else { return nil }
            return Disagreement.divergence(answers.map(\.probabilities))
        }
        let texts = answers.compactMap(\.answer)
        return texts.count == answers.count ? Disagreement.distance(texts) : nil
    }

    // MARK: Calibration

    private static func calibration(
        _ experiment: StudyResults.Experiment, _ model: RunResults.Student, isEvidential: Bool
    ) -> Calibrated? {
        var errors: [Double] = []
        var (all, right): ([Double], [Bool]) = ([], [])
        for row in experiment.pooled where row.model == model {
            let values = row.examples.compactMap { example in
                isEvidential ? evidentialConfidence(example, row) : example.probabilities.max()
            }
            guard values.count == row.examples.count else { continue }
            let outcomes = row.examples.map(\.isCorrect)
            if let error = Calibration(values, isRight: outcomes, binCount: binCount).expectedError
            {
                errors.append(error)
            }
            all += values
            right += outcomes
        }
        guard !all.isEmpty else { return nil }
        return Calibrated(
            model: model, isEvidential: isEvidential, error: Spread(errors),
            calibration: Calibration(all, isRight: right, binCount: binCount))
    }

    /// The largest of α/α0.
    ///
    /// With exponential evidence e = α − 1 is proportional to the softmax q, so
    /// α/α0 = (1 − u) q + u/K with u = K/α0, where no logit was clamped.
    private static func evidentialConfidence(
        _ example: StudyRow.Example, _ row: StudyResults.Pooled
    ) -> Double? {
        guard ResultMethod(row.model.method).role == .bayesian, row.evidence == "exp",
            let largest = example.probabilities.max(), let uncertainty = example.uncertainty,
            (0...1).contains(uncertainty)
        else { return nil }
        return (1 - uncertainty) * largest + uncertainty / Double(example.probabilities.count)
    }
}
