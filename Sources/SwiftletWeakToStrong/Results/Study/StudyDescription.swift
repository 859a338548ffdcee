import SwiftletBytes

/// What a study of many runs asks: `study.yaml` (`formats/weak-to-strong-study.md`).
public struct StudyDescription: Sendable, Equatable {
    /// Runs of one configuration with several seeds, each of them perhaps in several parts.
    public struct Experiment: Sendable, Equatable {
        /// Names the folder of its rows.
        public var name: String
        /// The name for people.
        public var title: String
        /// The task of its runs, as `run.json` names it; nil for any.
        public var task: String?
        /// The paper's table that it corresponds to.
        public var table: String?
        /// How many runs make one seed: the folds of cross-fitting.
        public var parts: Int
        /// The seeds that are asked for; empty for those that there are.
        public var seeds: [Int]
        /// The metric that tables show; nil chooses as for a run.
        public var metric: String?
        /// A remark.
        public var note: String?
    }

    /// Whose result is meant.
    public typealias Model = RunResults.Student

    /// What is compared.
    public enum Figure: String, Sendable, CaseIterable {
        /// The metric.
        case value
        /// The performance gap recovered.
        case pgr
    }

    /// A statement of the paper: one model is better than another.
    public struct Finding: Sendable, Equatable {
        /// The statement, as a question.
        public var question: String
        /// The paper's figures.
        public var paper: String?
        /// The experiment of the better model.
        public var experiment: String
        /// The experiment of the other one.
        public var otherExperiment: String
        /// The metric; nil for the main one of the experiment.
        public var metric: String?
        /// What is compared.
        public var figure: Figure
        /// The model that is better according to the paper.
        public var better: Model
        /// The model that it is compared with; nil, for a gap, compares with 0: the weak models.
        public var than: Model?
        /// A remark.
        public var note: String?
    }

    /// How a result changes with the number of weak models.
    public struct WeakModelChart: Sendable, Equatable {
        /// A line of the chart.
        public struct Line: Sendable, Equatable {
            /// Its name.
            public var name: String
            /// Its points; several with the same number of models are averaged.
            public var points: [Point]
        }

        /// The result of one experiment.
        public struct Point: Sendable, Equatable {
            /// The number of weak models.
            public var count: Int
            /// The experiment.
            public var experiment: String
            /// The model in it.
            public var model: Model
        }

        /// The title.
        public var title: String
        /// The metric; nil for the main one of the first experiment.
        public var metric: String?
        /// What is shown.
        public var figure: Figure
        /// The lines.
        public var lines: [Line]
    }

    /// The title.
    public var title: String
    /// What the study is, in a few sentences.
    public var note: String?
    /// The experiments, in the order of the report.
    public var experiments: [Experiment]
    /// The paper's findings: one family of tests.
    public var findings: [Finding]
    /// Results by the number of weak models.
    public var weakModels: [WeakModelChart]
    /// The resamples of each bootstrap.
    public var samples: Int

    /// The experiment of a name.
    public func experiment(_ name: String) -> Experiment? {
        experiments.first { $0.name == name }
    }

    /// Whether a text can be the name of an experiment or of the file of a row.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 200 && !text.hasPrefix(".")
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                    || "-_.+".unicodeScalars.contains(scalar)
            }
    }
}
