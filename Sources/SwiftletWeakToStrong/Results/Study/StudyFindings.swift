import SwiftletBytes
import SwiftletTasks

/// What a study found about the paper's findings.
struct StudyFindings {
    /// What became of a finding.
    enum Verdict: String {
        /// The direction is the paper's, and the adjusted p-value is below 0.05.
        case holds
        /// The direction is the other one, and the adjusted p-value is below 0.05.
        case opposite
        /// The adjusted p-value is 0.05 or more.
        case notShown = "not shown"
        /// A row is missing.
        case missing = "no data"
    }

    /// One finding.
    struct Result {
        let finding: StudyDescription.Finding
        let metric: String
        /// The better model's figure over the seeds.
        var better = Spread([])
        /// The other model's.
        var than = Spread([])
        /// The difference over the seeds.
        var difference = Spread([])
        /// The seeds that are compared.
        var seeds: [Int] = []
        /// The p-value of each of them.
        var seedP: [Double?] = []
        /// The test of a seed.
        var test = ""
        /// The test examples.
        var exampleCount = 0
        /// The p-value over all seeds.
        var p: Double?
        /// The p-value after Holm's correction.
        var adjusted: Double?
        /// Why there is no comparison.
        var reason: String?

        /// The verdict.
        var verdict: Verdict {
            guard let adjusted, let mean = difference.mean else { return .missing }
            guard adjusted < StudyFindings.level else { return .notShown }
            return mean > 0 ? .holds : .opposite
        }
    }

    /// The level of the verdicts.
    static let level = 0.05

    /// The findings in the order of the description.
    let results: [Result]

    /// Compares what the findings name.
    init(_ study: StudyResults) {
        let bootstrap = PairedBootstrap(resamples: study.description.samples)
        var results = study.description.findings.map { Self.compare($0, study, bootstrap) }
        let tested = results.indices.filter { results[$0].p != nil }
        let adjusted = HolmCorrection.adjusted(tested.compactMap { results[$0].p })
        for (index, value) in zip(tested, adjusted) { results[index].adjusted = value }
        self.results = results
    }

    /// The number of tests in the family.
    var familySize: Int { results.count { $0.p != nil } }

    private static func compare(
        _ finding: StudyDescription.Finding, _ study: StudyResults, _ bootstrap: PairedBootstrap
    ) -> Result {
        let mine = study.experiment(finding.experiment)
        let other = study.experiment(finding.otherExperiment)
        let name = finding.metric ?? mine?.summary.mainMetric ?? "accuracy"
        var result = Result(finding: finding, metric: name)
        guard let mine, let other else { return result }
        guard let metric = StudyMetric(name) else {
            result.reason = "\"\(name)\" is not a metric that can be compared"
            return result
        }
        var sides = [StudyComparison.Side(experiment: mine, model: finding.better)]
        if let than = finding.than { sides.append(.init(experiment: other, model: than)) }
        guard finding.figure != .pgr || !sides.contains(where: \.weak.isEmpty),
            let comparison = StudyComparison(sides, metric, finding.figure)
        else {
            result.reason = missing(sides, finding.figure)
            return result
        }
        let pairs = zip(comparison.figures, comparison.differences).filter { $0.1 != nil }
        result.better = Spread(pairs.compactMap { $0.0[0] })
        if sides.count == 2 { result.than = Spread(pairs.compactMap { $0.0[1] }) }
        result.difference = Spread(pairs.compactMap(\.1))
        result.seeds = comparison.seeds
        result.exampleCount = comparison.exampleCount
        result.test = comparison.test
        guard pairs.count == comparison.seeds.count else {
            result.reason = "the gap is 0 in a seed, so that no share of it is defined"
            return result
        }
        result.seedP = comparison.pValues(by: bootstrap)
        result.p = comparison.pValue(by: bootstrap)
        return result
    }

    /// What a comparison lacks.
    private static func missing(
        _ sides: [StudyComparison.Side], _ figure: StudyDescription.Figure
    ) -> String {
        let models = sides.flatMap { side -> [(StudyResults.Experiment, RunResults.Student)] in
            let ceiling = RunResults.Student(method: "ceiling", aux: nil, confidence: nil)
            let own = [(side.experiment, side.model)]
            return figure == .pgr ? own + [(side.experiment, ceiling)] : own
        }
        let lacking = models.filter { item in
            !item.0.pooled.contains { $0.model == item.1 }
        }.map { "\(StudyRow.name(of: $0.1)) of \($0.0.description.name)" }
        if !lacking.isEmpty { return "missing: \(lacking.joined(separator: ", "))" }
        if figure == .pgr, sides.contains(where: \.weak.isEmpty) {
            return "there are no weak models"
        }
        return "no seed has both, on the same test examples"
    }
}

extension StudyFindings.Result {
    /// The result as an object.
    var object: JSONObject {
        func numbers(_ values: [Double?]) -> JSONValue {
            .array(values.map { JSONValue(finite: $0) })
        }
        return [
            "question": .string(finding.question), "experiment": .string(finding.experiment),
            "metric": .string(metric), "figure": .string(finding.figure.rawValue),
            "seeds": JSONValue(seeds), "examples": JSONValue(exampleCount),
            "difference": JSONValue(finite: difference.mean),
            "deviation": JSONValue(finite: difference.deviation),
            "differences": numbers(difference.values), "seed_p": numbers(seedP),
            "p": JSONValue(finite: p), "p_holm": JSONValue(finite: adjusted),
            "verdict": .string(verdict.rawValue),
            "reason": reason.map { .string($0) } ?? .null,
        ]
    }
}
