import SwiftletBytes
import SwiftletCompute
import SwiftletTasks

/// The configuration of a run: everything that its results depend on, with all defaults filled in.
///
/// `formats/weak-to-strong-run.md` describes the file that it is read from.
public struct RunConfiguration: Sendable, Equatable {
    /// The file that it was read from.
    public var path: String
    /// A title.
    public var name: String
    /// What the models learn.
    public var task: TaskKind
    /// How a slot-filling prompt is written.
    public var prompt: SlotPrompt
    /// The data.
    public var data: Data
    /// The seeds, each a repetition of the whole method.
    public var seeds: [UInt64]
    /// The precision of all computation.
    public var precision: Precision
    /// Threads; nil for all cores.
    public var threads: Int?
    /// The weak models, in the order of their labels.
    public var weak: [WeakModel]
    /// Whether weak models are fine-tuned first.
    public var fineTunesWeak: Bool
    /// The strong model.
    public var strong: StrongModel
    /// How weak models label.
    public var labels: Labels
    /// Which students are trained, and how.
    public var students: Students
    /// The preference stage; nil for none.
    public var preference: PreferenceTraining?
    /// How models answer the test data.
    public var evaluation: Answers
    /// Resamplings of the bootstrap.
    public var bootstrapSamples: Int
    /// Whether a report is written.
    public var writesReport: Bool

    /// Where rows come from.
    public struct Data: Sendable, Equatable {
        /// The rows of both parts.
        public enum Source: Sendable, Equatable {
            /// One file, of which the first rows of a shuffle train the weak models and the next are
            /// labelled.
            case split(train: String, weak: Int, strong: Int)
            /// A file for each part.
            case files(weak: String, strong: String)
        }

        /// The rows of both parts.
        public var source: Source
        /// The rows that every model is evaluated on.
        public var test: String
        /// The rows on which an epoch is chosen; nil for none.
        public var validation: String?
        /// Test rows that are used, from the front; nil for all.
        public var testLimit: Int?
        /// Validation rows that are used, from the front; nil for all.
        public var validationLimit: Int?
        /// How SciQ's labels are drawn.
        public var labels: SciQRow.Labels
    }

    /// A weak model.
    public struct WeakModel: Sendable, Equatable {
        /// Names its stages.
        public var name: String
        /// A folder, or an id of the Hub.
        public var model: String
        /// How it is trained on gold labels.
        public var training: TrainingSettings
        /// w in (2) and (4), λ in (6).
        public var weight: Double
    }

    /// The strong model.
    public struct StrongModel: Sendable, Equatable {
        /// The name in reports.
        public var name: String
        /// A folder, or an id of the Hub.
        public var model: String
        /// How the ceiling is trained.
        public var training: TrainingSettings
        /// Whether it is also trained on gold labels.
        public var hasCeiling: Bool
    }

    /// How weak models label.
    public struct Labels: Sendable, Equatable {
        /// The forms of class labels.
        public enum Form: String, Sendable, CaseIterable { case soft, hard }

        /// What a class label is.
        public var form: Form
        /// The search for candidates.
        public var search: Answers
    }

    /// A beam search.
    public struct Answers: Sendable, Equatable {
        /// M.
        public var beams: Int
        /// The limit of an answer in tokens.
        public var maxNewTokens: Int
        /// Exponent of the length in the rank of beams.
        public var lengthPenalty = 1.0

        var identity: JSONObject {
            [
                "beams": JSONValue(beams), "max-new-tokens": JSONValue(maxNewTokens),
                "length-penalty": JSONValue(finite: lengthPenalty),
            ]
        }
    }

    /// The preference stage.
    public struct PreferenceTraining: Sendable, Equatable {
        /// The student that is trained further.
        public var student: StudentName
        /// β.
        public var beta: Double
        /// ε.
        public var epsilon: Double
        /// The search for the student's own answers.
        public var search: Answers
        /// How weak models score them.
        public var score: JointScore
        /// How the student is trained further.
        public var training: TrainingSettings
    }

    /// The weak models' weights, in their order.
    public var weights: [Double] { weak.map(\.weight) }
}
