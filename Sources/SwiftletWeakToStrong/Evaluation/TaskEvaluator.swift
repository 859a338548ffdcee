import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletTasks

/// Runs a model on the examples of a task.
///
/// An evaluator belongs to one thread at a time. Results do not depend on the number of threads.
///
/// ```swift
/// let data = try TaskData(.slurp, path: "test.jsonl", options: TaskOptions(prompt: .short))
/// let evaluator = try TaskEvaluator(model, context: context)
/// let evaluation = try evaluator.evaluate(data)
/// try evaluation.writePredictions(to: "predictions.jsonl")
/// ```
public final class TaskEvaluator {
    private let model: LanguageModel
    private let context: ComputeContext
    private let options: EvaluationOptions
    private let encoder: PromptEncoder

    /// Creates an evaluator.
    ///
    /// - Parameters:
    ///   - model: the model, with the head that the task needs.
    ///   - context: the threads, and the precision.
    ///   - options: how the model is run.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` for options out of range.
    public init(
        _ model: LanguageModel, context: ComputeContext,
        options: EvaluationOptions = EvaluationOptions()
    ) throws(SwiftletError) {
        try options.validate()
        self.model = model
        self.context = context
        self.options = options
        encoder = PromptEncoder(model)
    }

    /// Names what the model's generation_config.json has and answers do not follow, since a metric is to say
    /// the same of every model; nil for classes, and if there is nothing.
    public func note(_ task: TaskKind) -> String? {
        task.hasClasses ? nil : options.request.unappliedNote(model.generationConfiguration)
    }

    /// Answers examples, and scores the answers.
    ///
    /// - Parameters:
    ///   - data: the task's data.
    ///   - part: indices of examples, in order; nil for all.
    ///   - onProgress: called between batches with the number of examples done; may throw to stop.
    /// - Returns: the answers and scores, in the order of the examples.
    /// - Throws: `SwiftletError.Code.lacksHead`; bad data (65), naming the
    ///   line, for a class that the model does not have or a prompt that does not fit; what
    ///   `onProgress` throws; ``/SwiftletBytes/SwiftletError/Code/cancelled``.
    public func evaluate(
        _ data: TaskData, part: [Int]? = nil,
        onProgress: (Int) throws(SwiftletError) -> Void = { _ in }
    ) throws(SwiftletError) -> TaskEvaluation {
        try evaluate(data, part: part, journal: nil, onProgress: onProgress)
    }

    /// Answers examples as ``evaluate(_:part:onProgress:)`` does, after those in a journal of the
    /// same evaluation, and adds the answers to it.
    func evaluate(
        _ data: TaskData, part: [Int]? = nil, journal: AnswerJournal?,
        onProgress: (Int) throws(SwiftletError) -> Void
    ) throws(SwiftletError) -> TaskEvaluation {
        let examples = data.examples(part)
        return data.kind.hasClasses
            ? try classify(examples, data, onProgress)
            : try generate(examples, data, journal, onProgress)
    }

    // MARK: Classes

    private func classify(
        _ examples: [TaskExample], _ data: TaskData,
        _ onProgress: (Int) throws(SwiftletError) -> Void
    ) throws(SwiftletError) -> TaskEvaluation {
        let classifier = try Classifier(model, context: context)
        let classCount = classifier.labels.count
        if data.kind == .sciq, classCount != 2 {
            throw SwiftletError(
                .lacksHead, file: model.path,
                "the classification head has \(classCount) labels, and SciQ has 2 classes")
        }
        let known = Set((0..<classCount).map { classifier.labels[$0] })
        let limit = model.decoder.description.contextLength
        var truncatedCount = 0
        let sequences = try located(examples, data) { example throws(SwiftletError) -> [Int32] in
            switch example.gold {
            case .label(.number(let number)) where number >= classCount:
                throw SwiftletError(.taskLine, "class \(number) is not one of \(classCount)")
            case .label(.name(let name)) where !known.contains(name):
                throw SwiftletError(.taskLine, "\"\(name)\" is not a label of the model")
            case .label, .text: break
            }
            var ids: [Int32]
            switch example.input {
            case .tokens(let tokens): ids = tokens
            case .text(let text): ids = try encoder.templated(text)
            }
            if ids.count > limit {
                ids = Array(ids.prefix(limit))
                truncatedCount += 1
            }
            try classifier.validate(ids)
            return ids
        }
        var answers: [EvaluatedExample] = []
        for batch in TokenPacking.ranges(sequences.map(\.count), limit: Scorer.batchTokens) {
            try onProgress(answers.count)
            let results = try classifier.classify(Array(sequences[batch]))
            for (example, result) in zip(examples[batch], results) {
                answers.append(evaluated(example, result))
            }
        }
        try onProgress(answers.count)
        return TaskEvaluation(data.kind, answers, truncatedCount: truncatedCount)
    }

    private func evaluated(_ example: TaskExample, _ result: Classification) -> EvaluatedExample {
        var label = GoldClass.number(result.index)
        var isCorrect = false
        if case .label(let gold) = example.gold {
            if case .name = gold { label = .name(result.label) }
            isCorrect = gold == label
        }
        return EvaluatedExample(
            example: example,
            answer: .label(
                EvaluatedExample.PredictedClass(
                    label: label, probabilities: result.probabilities,
                    uncertainty: result.logits.count < 2
                        ? nil : options.classEvidence.prediction(result.logits).uncertainty)),
            isCorrect: isCorrect)
    }

    // MARK: Texts

    private func generate(
        _ examples: [TaskExample], _ data: TaskData, _ journal: AnswerJournal?,
        _ onProgress: (Int) throws(SwiftletError) -> Void
    ) throws(SwiftletError) -> TaskEvaluation {
        try model.checkLanguageHead()
        let session = GenerationSession(
            model, tokenizer: try model.tokenizer(), context: context)
        let uncertainty = options.tokenEvidence.map {
            TokenUncertainty(model, evidence: $0, context: context)
        }
        let prompts = try located(examples, data) { example throws(SwiftletError) -> [Int32] in
            guard case .text(let prompt) = example.input else { return [] }
            let ids = try encoder.front(prompt)
            try session.validate(ids)
            return ids
        }
        var answers: [AnswerJournal.Answer] = []
        if let journal {
            // A batch depends on the data alone, and its results on all of its prompts.
            let whole = journal.answers.count / options.batchSize * options.batchSize
            let isComplete = journal.answers.count >= examples.count
            try journal.keep(isComplete ? examples.count : whole)
            answers = journal.answers
        }
        for start in stride(from: answers.count, to: examples.count, by: options.batchSize) {
            try onProgress(answers.count)
            let batch = start..<min(start + options.batchSize, examples.count)
            let results = try session.generate(Array(prompts[batch]), options.generation)
            var made: [AnswerJournal.Answer] = []
            for (index, sequences) in zip(batch, results) {
                guard let best = sequences.first else { continue }
                let mean = try uncertainty.map { (uncertainty) throws(SwiftletError) in
                    try uncertainty.mean(prompt: prompts[index], answer: best.ids)
                }
                made.append(
                    AnswerJournal.Answer(
                        text: (best.text ?? "").spaceTrimmed, score: best.score,
                        isFinished: best.finished, uncertainty: mean ?? nil))
            }
            try journal?.append(made)
            answers += made
        }
        try onProgress(answers.count)
        return TaskEvaluation(data.kind, zip(examples, answers).map(evaluated))
    }

    private func evaluated(
        _ example: TaskExample, _ answer: AnswerJournal.Answer
    ) -> EvaluatedExample {
        var slots: ParsedSlots?
        var isCorrect = false
        if case .text(let gold, let entities) = example.gold {
            isCorrect = ExactMatch.isMatch(answer.text, gold)
            if entities != nil { slots = SlotParser.parse(answer.text) }
        }
        return EvaluatedExample(
            example: example,
            answer: .text(
                EvaluatedExample.GeneratedAnswer(
                    text: answer.text, slots: slots, score: answer.score,
                    isFinished: answer.isFinished, uncertainty: answer.uncertainty)),
            isCorrect: isCorrect)
    }

    /// Converts examples; errors name file and line.
    private func located<Result>(
        _ examples: [TaskExample], _ data: TaskData,
        _ convert: (TaskExample) throws(SwiftletError) -> Result
    ) throws(SwiftletError) -> [Result] {
        var results: [Result] = []
        results.reserveCapacity(examples.count)
        for example in examples {
            do throws(SwiftletError) {
                results.append(try convert(example))
            } catch {
                // A tokenizer that cannot be opened names its own file.
                throw error.file == nil
                    ? error.inFile(data.path).at("line \(example.line)") : error
            }
        }
        return results
    }
}
