import SwiftletBytes
import SwiftletTasks

/// A model of a run whose answers were evaluated.
struct EvaluatedModel: Sendable, Equatable {
    /// The evaluation.
    let stage: StageID
    /// The name in results.
    let method: String
    /// The student; nil for weak models and the ceiling.
    var student: StudentName?
    /// Whether the preference stage followed.
    var isPreferred = false
}

/// Gathers the numbers of all evaluations, and tests the differences between students.
struct ResultsStage: Stage {
    let id = StageID(seed: nil, name: "results")
    let kind = "results"
    let task: TaskKind
    let prompt: SlotPrompt
    /// In the order of the rows.
    var models: [EvaluatedModel]
    let bootstrapSamples: Int

    static let file = "results.json"

    var settings: JSONObject {
        [
            "task": .string(task.rawValue), "samples": JSONValue(bootstrapSamples),
            "models": JSONValue(models.map { "\($0.stage.seedFolder) \($0.method)" }),
        ]
    }

    var inputs: [StageInput] {
        models.flatMap { model -> [StageInput] in
            [
                .stage(model.stage, .file(EvaluateStage.metrics)),
                .stage(model.stage, .file(EvaluateStage.predictions)),
            ]
        }
            + Set(models.map(\.stage.seed)).sorted { $0 ?? 0 < $1 ?? 0 }.map {
                .stage(StageID(seed: $0, name: SplitStage.name), .file(SplitStage.test))
            }
    }

    func publishedFolder(in folder: RunFolder) -> String? { folder.path }

    /// Without the seeds of which an evaluation is missing.
    func restricted(to stages: Set<StageID>) -> any Stage {
        var stage = self
        let incomplete = Set(
            models.filter { !stages.contains($0.stage) }.map(\.stage.seed))
        stage.models.removeAll { incomplete.contains($0.stage.seed) }
        return stage
    }

    func estimate(_ sizes: RunSizes) -> StageEstimate {
        // Pairs of students by resamples by rows, each a random read of a few numbers.
        let pairs = Double(comparisons.count)
        return StageEstimate(
            traffic: pairs * Double(bootstrapSamples) * Double(sizes.testRows) * 64,
            outputBytes: models.count * 1000)
    }

    /// The pairs of students that differ in one thing only, within a seed.
    var comparisons: [(EvaluatedModel, EvaluatedModel)] {
        var pairs: [(EvaluatedModel, EvaluatedModel)] = []
        for (place, first) in models.enumerated() {
            for second in models[(place + 1)...]
            where first.stage.seed == second.stage.seed && first.isComparable(with: second) {
                pairs.append((first, second))
            }
        }
        return pairs
    }

    func run(_ work: StageWork) throws(SwiftletError) {
        var results = RunResults(task: task.rawValue)
        var scores: [StageID: TaskScores] = [:]
        for model in models {
            let evaluation = try scoresOf(model, work)
            scores[model.stage] = evaluation
            for metric in evaluation.values {
                results.rows.append(
                    RunResults.Row(
                        task: task.rawValue, method: model.method,
                        aux: model.student?.hasAuxiliary,
                        confidence: model.student?.confidence.rawValue,
                        seed: Int(model.stage.seed ?? 0), metric: metric.name,
                        value: metric.value))
            }
        }
        results.fillGaps()
        let pairs = comparisons
        for (done, pair) in pairs.enumerated() {
            try work.checkStop()
            work.onProgress(
                StageProgress(done: done, total: pairs.count, unit: "comparisons", note: ""))
            guard let a = scores[pair.0.stage], let b = scores[pair.1.stage] else { continue }
            results.significance += compare(pair, a, b)
        }
        try AtomicFile.write(
            Array((JSONValue.object(results.object).text(pretty: true) + "\n").utf8),
            to: work.output(Self.file))
    }

    /// The scores of a model's predictions, row by row.
    private func scoresOf(_ model: EvaluatedModel, _ work: StageWork)
        throws(SwiftletError) -> TaskScores
    {
        let gold = work.folder.path(
            of: StageID(seed: model.stage.seed, name: SplitStage.name), SplitStage.test)
        // SLURP's rows are rows of texts with slots, too, which also have an exact match.
        let evaluator = try PredictionsEvaluator(
            gold: gold, kind: task.hasClasses ? .classify : .generate)
        return try evaluator.evaluate(
            work.folder.path(of: model.stage, EvaluateStage.predictions)
        ).scores
    }

    private func compare(
        _ pair: (EvaluatedModel, EvaluatedModel), _ a: TaskScores, _ b: TaskScores
    ) -> [RunResults.Comparison] {
        let seed = pair.0.stage.seed ?? 0
        func make(_ metric: String, _ test: String, _ p: Double) -> RunResults.Comparison {
            RunResults.Comparison(
                seed: Int(seed), metric: metric, a: pair.0.row, b: pair.1.row, test: test, p: p)
        }
        let bootstrap = PairedBootstrap(resamples: bootstrapSamples, seed: seed)
        return TaskComparison.compare(a, b, by: bootstrap).flatMap { comparison in
            [comparison.mcNemar.map { make(comparison.metric, "mcnemar", $0.pValue) }]
                .compactMap { $0 }
                + [make(comparison.metric, "bootstrap", comparison.bootstrap.pValue)]
        }
    }
}

extension EvaluatedModel {
    /// The student as results name it.
    fileprivate var row: RunResults.Student {
        RunResults.Student(
            method: method, aux: student?.hasAuxiliary, confidence: student?.confidence.rawValue)
    }

    /// Whether two students differ in one thing only; two single students are not compared.
    fileprivate func isComparable(with other: EvaluatedModel) -> Bool {
        guard let a = student, let b = other.student else { return false }
        if isPreferred || other.isPreferred { return a == b }
        let differences = [
            a.method != b.method, a.hasAuxiliary != b.hasAuxiliary, a.confidence != b.confidence,
        ].count { $0 }
        if case .single = a.method, case .single = b.method, a.method != b.method { return false }
        return differences == 1
    }
}
