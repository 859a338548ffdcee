import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// Gives examples the log-probabilities that the run's reference assigns to them.
///
/// The reference is the model that the run starts from, with the adapter that it continues, if any.
/// Its values are computed before the first step and kept in the output folder, so that a resumed
/// run does not compute them again.
struct ReferenceComparison {
    /// The examples of a run that are compared.
    enum Part: String {
        case training, evaluation
    }

    /// The reference.
    private let model: LanguageModel
    /// What the reference's numbers are a function of.
    private let identity: String
    /// The output folder of the run.
    private let output: String
    private let context: ComputeContext

    /// The folder of the values in an output folder.
    static let folder = "reference"

    /// The comparison of a run.
    ///
    /// - Parameters:
    ///   - method: how the model is trained.
    ///   - model: the model that the run starts from.
    ///   - record: the run's record.
    ///   - output: the run's output folder.
    ///   - context: the threads.
    /// - Throws: the errors of reading the adapter that the run continues.
    init(
        _ method: TrainingMethod, _ model: LanguageModel, identity record: JSONObject,
        output: String, _ context: ComputeContext
    ) throws(SwiftletError) {
        if case .lowRank(_, let start?) = method {
            self.model = try model.adapted(by: start)
        } else {
            self.model = model
        }
        let parts = ["model-fingerprint", "adapter-start", "precision"].map {
            record[$0]?.string ?? ""
        }
        identity = parts.joined(separator: "-")
        self.output = output
        self.context = context
    }

    /// Attaches the log-probabilities.
    ///
    /// Examples in memory that have them already are left as they are.
    ///
    /// - Parameters:
    ///   - examples: pairs with one label per token.
    ///   - part: which of the run's examples they are.
    ///   - onProgress: called with the examples done and all.
    /// - Returns: the examples with the log-probabilities.
    /// - Throws: the errors of `Scorer`, of reading and of writing; what `onProgress` throws;
    ///   ``/SwiftletBytes/SwiftletError/Code/usage`` for an example that is not a pair;
    ///   ``SwiftletBytes/SwiftletError/Code/lossNotFinite`` for a value that is not finite.
    func attach(
        to examples: any ExampleSource, _ part: Part,
        onProgress: (Int, Int) throws(SwiftletError) -> Void
    ) throws(SwiftletError) -> any ExampleSource {
        if let known = examples as? [TrainingExample], !known.contains(where: \.lacksReference) {
            return examples
        }
        let file = ReferenceFile(
            path: FileSystem.join(
                FileSystem.join(output, Self.folder), "\(part.rawValue).safetensors"),
            fingerprint: "\(identity)-\(examples.fingerprint)")
        let values: [Double]
        if let known = file.read(count: 2 * examples.count) {
            values = known
        } else {
            values = try compute(examples, part, onProgress)
            try file.write(values)
        }
        return ComparedExamples(base: examples, values: values)
    }

    /// The log-probabilities of both sequences of each example.
    private func compute(
        _ examples: any ExampleSource, _ part: Part,
        _ onProgress: (Int, Int) throws(SwiftletError) -> Void
    ) throws(SwiftletError) -> [Double] {
        // As the model that is compared: in training, or not.
        let decoder = part == .training ? model.decoder.whileTraining : model.decoder
        let scorer = SequenceScorer(decoder, context)
        var values: [Double] = []
        try examples.forEachPart { (some) throws(SwiftletError) in
            let done = values.count / 2
            try onProgress(done, examples.count)
            let place = "\(part.rawValue) examples \(done) to \(done + some.count - 1)"
            guard some.allSatisfy({ $0.sequences.count == 2 }) else {
                throw SwiftletError(
                    .usage, "an example to compare has other than two sequences", at: place)
            }
            for sums in try scorer.logProbabilities(some) { values += sums }
            guard values.suffix(2 * some.count).allSatisfy(\.isFinite) else {
                throw SwiftletError(
                    .lossNotFinite, file: model.path,
                    "a log-probability of the reference is not finite", at: place)
            }
        }
        try onProgress(examples.count, examples.count)
        return values
    }
}

/// Pairs with the log-probabilities of their sequences.
private struct ComparedExamples: ExampleSource {
    let base: any ExampleSource
    /// Two per example.
    let values: [Double]

    var count: Int { base.count }
    var fingerprint: String { base.fingerprint }
    var isInMemory: Bool { base.isInMemory }

    func tokenCount(at index: Int) -> Int { base.tokenCount(at: index) }

    func targetCount(at index: Int) -> Int { base.targetCount(at: index) }

    func example(at index: Int) throws(SwiftletError) -> TrainingExample {
        let values = values[2 * index..<2 * index + 2]
        return TrainingExample(
            zip(try base.example(at: index).sequences, values).map { sequence, value in
                LabelledSequence(
                    ids: sequence.ids, targets: sequence.targets, referenceLogProbability: value)
            })
    }
}

extension TrainingExample {
    /// Whether a sequence has not been compared with a reference.
    fileprivate var lacksReference: Bool {
        sequences.contains { $0.referenceLogProbability == nil }
    }
}
