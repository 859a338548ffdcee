import SwiftletBytes

/// The evaluation of answers to a task with classes or texts.
public struct AnswerEvaluation: Sendable {
    /// The scores, over the examples in their order.
    public let scores: TaskScores
    /// The number of examples without an answer.
    public let missingCount: Int
    /// The number of answers without an example, which are ignored.
    public let ignoredCount: Int

    /// Evaluates answers.
    ///
    /// Answers belong to examples by `id`, an example without one having the number of its line;
    /// of several answers for one id the last counts. If no answer has an id, they belong to the
    /// examples in order.
    ///
    /// - Parameters:
    ///   - answers: the answers.
    ///   - path: their file, for errors.
    ///   - examples: the examples.
    ///   - missing: how an example without an answer counts: as a wrong one, or not at all.
    /// - Throws: bad data (65) for an answer without class or text, naming its line, and for a
    ///   different number of answers and examples where answers have no ids.
    public init(
        _ answers: [Answer], path: String, examples: [TaskExample],
        missing: MissingPrediction = .empty
    ) throws(SwiftletError) {
        let matched = try Self.match(answers, path: path, examples)
        var (accuracy, exactMatch, slots) = (Accuracy(), Accuracy(), SlotMetrics())
        var (hasClasses, hasSlots) = (false, false)
        for (example, answer) in zip(examples, matched.answers) {
            if answer == nil, missing == .skip { continue }
            switch example.gold {
            case .label(let gold):
                hasClasses = true
                let label = try answer.map { (answer) throws(SwiftletError) in
                    try Self.required(answer.label, "label", answer, path)
                }
                accuracy.add(label.map { ExactText($0) } == ExactText(gold.description))
            case .text(let gold, let entities):
                let isMatch = try answer.map { (answer) throws(SwiftletError) in
                    let text = answer.text ?? answer.entities.map(SlotSerializer.text)
                    return ExactMatch.isMatch(
                        try Self.required(text, "prediction", answer, path), gold)
                }
                exactMatch.add(isMatch ?? false)
                guard let entities else { continue }
                hasSlots = true
                slots.add(
                    gold: entities,
                    prediction: answer?.entities
                        ?? SlotParser.parse(answer?.text ?? "").entities)
            }
        }
        scores = TaskScores(
            accuracy: hasClasses ? accuracy : nil,
            exactMatch: hasClasses ? nil : exactMatch, slots: hasSlots ? slots : nil)
        missingCount = matched.answers.count { $0 == nil }
        ignoredCount = matched.ignored
    }

    private static func required(
        _ value: String?, _ key: String, _ answer: Answer, _ path: String
    ) throws(SwiftletError) -> String {
        guard let value else {
            throw SwiftletError(
                .taskLine, file: path, "missing key", at: "line \(answer.line), key \"\(key)\"")
        }
        return value
    }

    /// The answer to each example.
    private static func match(_ answers: [Answer], path: String, _ examples: [TaskExample])
        throws(SwiftletError) -> (answers: [Answer?], ignored: Int)
    {
        if !answers.isEmpty, answers.allSatisfy({ $0.id == nil }) {
            guard answers.count == examples.count else {
                throw SwiftletError(
                    .taskLine, file: path,
                    "\(answers.count) predictions without \"id\" for \(examples.count) examples")
            }
            return (answers, 0)
        }
        var byID: [ExactText: Answer] = [:]
        for answer in answers { byID[ExactText(answer.id ?? String(answer.line))] = answer }
        let matched = examples.map { byID[ExactText($0.idText)] }
        let known = Set(examples.map { ExactText($0.idText) })
        return (matched, byID.keys.count { !known.contains($0) })
    }
}

extension TaskExample {
    /// The id as predictions name it.
    package var idText: String { id.string ?? id.text() }
}
