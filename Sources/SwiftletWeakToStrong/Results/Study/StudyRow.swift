import SwiftletTasks

/// What one model of one run answered to the test examples: a file in the `rows` of a study.
///
/// It has what analyses need of `predictions.jsonl` and `metrics.json`, and nothing else, so that
/// many of them can be kept under version control.
public struct StudyRow: Sendable, Equatable {
    /// Where a row belongs.
    public struct Place: Sendable, Hashable {
        /// The experiment.
        public var experiment: String
        /// The seed of the run.
        public var seed: Int
        /// The part of the seed; nil where a seed is one run.
        public var part: Int?

        /// The folder below `rows`: `EXPERIMENT/SEED` or `EXPERIMENT/SEED-PART`.
        var folder: String { "\(experiment)/\(seed)" + (part.map { "-\($0)" } ?? "") }
    }

    /// The answer to one test example.
    public struct Example: Sendable, Equatable {
        /// The example's id, the same in all runs.
        public var id: String
        /// Whether the answer is right.
        public var isCorrect: Bool
        /// The gold class; nil for texts.
        public var gold: String?
        /// The probabilities of the classes; empty for texts.
        public var probabilities: [Double] = []
        /// The counts of the slots; nil for tasks without.
        public var slots: SlotMetrics.UtteranceCounts?
        /// The evidential uncertainty K/α0; nil if it was not computed.
        public var uncertainty: Double?
        /// The log-probability of a generated answer; nil for classes.
        public var score: Double?
        /// The text of a weak model's answer, for comparing it with that of the others; else nil.
        public var answer: String?
    }

    /// Where the row belongs.
    public var place: Place
    /// The task of the run.
    public var task: String
    /// The model.
    public var model: RunResults.Student
    /// The key of the evaluation, which tells whether a row is that of a run.
    public var key: String
    /// The evidence function of `uncertainty`; nil if there is none.
    public var evidence: String?
    /// The metrics of the evaluation by name.
    public var metrics: [(name: String, value: Double)]
    /// The answers.
    public var examples: [Example]

    /// The name of the file without its ending: that of the stage without `student-`.
    public var name: String { Self.name(of: model) }

    /// The name of a model's row: `naive-aux-product`.
    static func name(of model: RunResults.Student) -> String {
        var name = model.method
        if model.aux == true { name += "-aux" }
        if let confidence = model.confidence, confidence != "none" { name += "-\(confidence)" }
        return name
    }

    /// Rows are equal if all they hold is.
    public static func == (a: StudyRow, b: StudyRow) -> Bool {
        a.place == b.place && a.task == b.task && a.model == b.model && a.key == b.key
            && a.evidence == b.evidence && a.examples == b.examples
            && a.metrics.elementsEqual(b.metrics) { $0 == $1 }
    }
}
