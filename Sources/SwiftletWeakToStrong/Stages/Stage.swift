import SwiftletBytes
import SwiftletCompute
import SwiftletText
import SwiftletTuning

/// Names a stage of a run: its place in the run folder.
public struct StageID: Sendable, Hashable {
    /// The seed; nil for a stage of all seeds.
    public let seed: UInt64?
    /// The name, such as `weak-gpt2`.
    public let name: String

    /// Names a stage.
    public init(seed: UInt64?, name: String) {
        self.seed = seed
        self.name = name
    }

    /// The folder of its seed in `stages`.
    var seedFolder: String { seed.map { String($0) } ?? "all" }

    /// The name with the seed, for people.
    public var text: String { seed.map { "seed \($0) \(name)" } ?? name }
}

/// Something that a stage reads.
enum StageInput: Sendable {
    /// Outputs of another stage.
    case stage(StageID, StageOutput)
    /// A file of the user.
    case file(String)
    /// The files of a user's model that belong to the checkpoint.
    case model(String)

    /// Whether it is made by a stage.
    var isOfStage: Bool { if case .stage = self { true } else { false } }
}

/// Which outputs of a stage another one reads.
enum StageOutput: Sendable, Hashable {
    /// One file.
    case file(String)
    /// The trained model: the files of `model/` that belong to the checkpoint.
    case model
    /// Every output.
    case all

    static let labels = file("labels.jsonl")

    /// Whether an output is read, by its path in the stage's folder.
    func includes(_ path: String) -> Bool {
        switch self {
        case .file(let name): path == name
        case .model:
            path.hasPrefix("model/") && CheckpointFiles.isPart(String(path.dropFirst(6)))
        case .all: true
        }
    }
}

/// A stage of the method: what it reads, the settings that its outputs depend on, and how it makes
/// them.
///
/// The outputs of a stage must be a function of its kind, settings and inputs. That is what its key
/// is made of (``StageRecord``), and so what decides whether it is done.
protocol Stage: Sendable {
    /// The stage's place.
    var id: StageID { get }
    /// What kind of stage it is, such as `labels`.
    var kind: String { get }
    /// The settings that its outputs depend on.
    var settings: JSONObject { get }
    /// What it reads.
    var inputs: [StageInput] { get }

    /// The stage without inputs from other stages than these, for a stage that gathers all seeds.
    func restricted(to stages: Set<StageID>) -> any Stage

    /// The folder that gets copies of the outputs, for people; nil for most stages.
    func publishedFolder(in folder: RunFolder) -> String?

    /// What the stage will need.
    ///
    /// - Parameter sizes: sizes of models and data, known or assumed.
    /// - Returns: the estimate.
    func estimate(_ sizes: RunSizes) -> StageEstimate

    /// Makes the outputs in the stage's folder.
    ///
    /// Whatever an earlier call with the same key has left there may be continued. Each output must
    /// appear in one step, as with `AtomicFile`.
    ///
    /// - Parameter work: the folder, and what the run provides.
    /// - Throws: anything; ``SwiftletBytes/SwiftletError/Kind/interrupted`` and
    ///   ``SwiftletBytes/SwiftletError/Kind/terminated`` after saving what can be continued.
    func run(_ work: StageWork) throws(SwiftletError)
}

/// What a run provides to a stage that runs.
final class StageWork {
    /// The run.
    let folder: RunFolder
    /// The stage.
    let id: StageID
    /// The threads, and the precision.
    let context: ComputeContext
    /// The algorithms of SentencePiece that tokenizers may use.
    let sentencePiece: SentencePieceSupport
    /// Asked between small pieces of work.
    let shouldStop: () -> FineTuner.Stop?
    /// Called with what is done.
    let onProgress: (StageProgress) -> Void
    /// Called with sentences for the user.
    let onNote: (String) -> Void

    init(
        folder: RunFolder, id: StageID, context: ComputeContext,
        sentencePiece: SentencePieceSupport, shouldStop: @escaping () -> FineTuner.Stop?,
        onProgress: @escaping (StageProgress) -> Void, onNote: @escaping (String) -> Void
    ) {
        self.folder = folder
        self.id = id
        self.context = context
        self.sentencePiece = sentencePiece
        self.shouldStop = shouldStop
        self.onProgress = onProgress
        self.onNote = onNote
    }

    /// The path of one of the stage's outputs.
    func output(_ name: String) -> String { FileSystem.join(folder.path(of: id), name) }

    /// The path of another stage's output.
    func input(_ stage: String, _ name: String) -> String {
        FileSystem.join(folder.path(of: StageID(seed: id.seed, name: stage)), name)
    }

    /// Stops between two pieces of work if the user wants that.
    ///
    /// - Throws: the error of the signal.
    func checkStop() throws(SwiftletError) {
        guard let stop = shouldStop() else { return try SwiftletError.checkCancellation() }
        throw SwiftletError(
            stop == .interrupted ? .stoppedBySignal : .stoppedByTermination,
            file: folder.path, "stopped")
    }
}

/// How far a stage is.
public struct StageProgress: Sendable {
    /// Pieces of work done.
    public let done: Int
    /// Pieces of work in all.
    public let total: Int
    /// What a piece is: `steps`, `lines`.
    public let unit: String
    /// More for people, such as a loss; may be empty.
    public let note: String
}
