import SwiftletBytes
import SwiftletCompute
import SwiftletDigests
import SwiftletLM
import SwiftletTuning

/// Labels data sets with a model: the weak side of the method (METHOD §2, §6).
///
/// ```swift
/// let labeler = try WeakLabeler(model, name: "gpt2", context: try ComputeContext())
/// try labeler.label(
///     source, to: try Labeling(output: "gpt2.jsonl", resumes: true), settings: settings)
/// ```
public struct WeakLabeler {
    /// The model.
    public let model: LanguageModel
    /// How the lines name it.
    public let identity: LabelModel
    private let context: ComputeContext

    /// Creates a labeler.
    ///
    /// - Parameters:
    ///   - model: the model, with the head that the labels need.
    ///   - name: the name in the lines.
    ///   - adapter: the folder of an adapter that the model already has applied, which its hash
    ///     covers; nil for none.
    ///   - context: the threads.
    /// - Throws: the errors of reading the weights for their hash.
    public init(
        _ model: LanguageModel, name: String, adapter: String? = nil, context: ComputeContext
    ) throws(SwiftletError) {
        self.model = model
        self.context = context
        identity = LabelModel(
            name: name, sha256: try ModelDigest.sha256(of: model, adapter: adapter))
    }

    /// Names what the model's generation_config.json has and the search for responses does not follow, since
    /// it is the method's; nil for classes, and if there is nothing.
    public func note(_ source: LabelSource, _ settings: LabelSettings) -> String? {
        guard case .prompts = source.content else { return nil }
        return settings.request.unappliedNote(model.generationConfiguration)
    }

    /// Labels a data set.
    ///
    /// - Parameters:
    ///   - source: the texts to classify, or the prompts to respond to.
    ///   - labeling: where the labels go.
    ///   - settings: how they are made.
    ///   - shouldStop: asked before each batch.
    ///   - onProgress: called with the number of examples that have labels.
    /// - Returns: what was done.
    /// - Throws: unsupported (69) for a model without the head that the labels need; bad data (65)
    ///   naming the line; ``SwiftletBytes/SwiftletError/Code/otherLabels``; the errors of writing;
    ///   `SwiftletError.Code.stoppedBySignal` once what is done is saved.
    @discardableResult
    public func label(
        _ source: LabelSource, to labeling: Labeling, settings: LabelSettings,
        shouldStop: () -> FineTuner.Stop? = { nil }, onProgress: (Int) -> Void = { _ in }
    ) throws(SwiftletError) -> Labeling.Result {
        try settings.validate()
        let digest = try SHADigest(.sha256)
        switch source.content {
        case .inputs(let inputs):
            let labeler = try ClassLabeler(model, context)
            var cut = 0
            let sequences = try source.located(inputs) { input throws(SwiftletError) in
                try digest.add(input)
                return try labeler.encode(input, cutCount: &cut)
            }
            var result = try labeling.run(
                identity: try record("classes", digest, inputs.count, settings, .classes),
                batches: ClassLabeler.batches(sequences), shouldStop: shouldStop,
                onProgress: onProgress
            ) { batch throws(SwiftletError) in
                let probabilities = try labeler.probabilities(Array(sequences[batch]))
                return zip(inputs[batch], probabilities).map { input, probabilities in
                    let label = ClassLabel(
                        input: input, probabilities: probabilities, model: identity)
                    return (settings.isHard ? label.hardened : label).object
                }
            }
            result.cut = cut
            return result
        case .prompts(let prompts):
            let labeler = try SequenceLabeler(model, settings, context)
            let fronts = try source.located(prompts) { prompt throws(SwiftletError) in
                try digest.add(prompt)
                return try labeler.front(prompt)
            }
            try labeler.share(prefixOf: fronts)
            return try labeling.run(
                identity: try record("sequences", digest, prompts.count, settings, .sequences),
                batches: SequenceLabeler.batches(prompts.count), shouldStop: shouldStop,
                onProgress: onProgress
            ) { batch throws(SwiftletError) in
                let candidates = try source.located(batch) { () throws(SwiftletError) in
                    try labeler.candidates(Array(fronts[batch]))
                }
                return zip(prompts[batch], candidates).map { prompt, candidates in
                    SequenceLabel(prompt: prompt, candidates: candidates, model: identity).object
                }
            }
        }
    }

    /// Makes the table of all candidates of several label files, with the log-probabilities of this
    /// model.
    ///
    /// - Parameters:
    ///   - paths: files of sequences with the same prompts.
    ///   - labeling: where the table goes.
    ///   - settings: only the ``LabelSettings/others`` count.
    ///   - shouldStop: asked before each batch.
    ///   - onProgress: called with the number of prompts that have a table, and that of all.
    /// - Returns: what was done.
    /// - Throws: as ``label(_:to:settings:shouldStop:onProgress:)``.
    @discardableResult
    public func score(
        candidatesOf paths: [String], to labeling: Labeling,
        settings: LabelSettings = LabelSettings(),
        shouldStop: () -> FineTuner.Stop? = { nil },
        onProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(SwiftletError) -> Labeling.Result {
        let scorer = try CandidateScorer(model, context)
        let digest = try SHADigest(.sha256)
        var tables: [Table] = []
        var files = try LabelFiles<SequenceLabel>(paths)
        while let labels = try files.next() {
            let table = SequenceLabel.table(of: labels)
            try digest.add(labels[0].prompt)
            for candidate in table {
                try digest.add(candidate.text)
                try digest.add([candidate.isFinished ? 1 : 0])
            }
            do throws(SwiftletError) {
                tables.append(
                    Table(
                        prompt: labels[0].prompt, front: try scorer.front(labels[0].prompt),
                        candidates: table, line: files.line))
            } catch {
                throw error.file == nil
                    ? error.inFile(paths[0]).at("line \(files.line)") : error
            }
        }
        try scorer.share(prefix: SharedPrefix.common(of: tables.map(\.front)))
        let total = tables.count
        return try labeling.run(
            identity: try record("table", digest, total, settings, nil),
            batches: SequenceLabeler.batches(total), shouldStop: shouldStop,
            onProgress: { onProgress($0, total) }
        ) { batch throws(SwiftletError) in
            var requests: [CandidateScorer.Request] = []
            for table in tables[batch] {
                do throws(SwiftletError) {
                    requests += try scorer.requests(table.front, table.candidates)
                } catch {
                    throw error.inFile(paths[0]).at("line \(table.line)")
                }
            }
            var scored = try scorer.score(requests)[...]
            return tables[batch].map { table in
                let candidates = Array(scored.prefix(table.candidates.count))
                scored = scored.dropFirst(candidates.count)
                return SequenceLabel(
                    prompt: table.prompt, candidates: candidates, model: identity
                ).object
            }
        }
    }

    /// The candidates of one prompt.
    private struct Table {
        let prompt: String
        let front: [Int32]
        let candidates: [Candidate]
        /// The prompt's line in the first file.
        let line: Int
    }

    /// What the labels are a function of.
    private func record(
        _ labels: String, _ data: SHADigest, _ count: Int, _ settings: LabelSettings,
        _ kind: LabelKind?
    ) throws(SwiftletError) -> JSONObject {
        var record: JSONObject = [
            "labels": .string(labels), "examples": JSONValue(count),
            "data": .string(try data.digits()),
            "model": .string(identity.sha256 ?? ""),
        ]
        for pair in (kind.map(settings.identity) ?? [:]).pairs + settings.others.pairs {
            record.append(pair.key, pair.value)
        }
        if context.precision == .bf16 { record.append("precision", .string("bf16")) }
        return record
    }
}
