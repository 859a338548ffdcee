import SwiftletBytes
import SwiftletLM
import SwiftletTuning

extension StudentTraining {
    /// Reads labels of sequences as examples.
    func sequences(
        _ model: LanguageModel, _ evaluationData: String?, _ closesTexts: Bool, _ maxLength: Int?,
        _ skipsBadLines: Bool
    ) throws(SwiftletError) -> TrainingTask {
        try model.checkLanguageHead()
        let limit = try ExampleReader(for: model, maxLength: maxLength).maxLength
        let reader = SequenceTargetReader(
            encoder: PromptEncoder(model), settings: settings, weights: weights,
            closesTexts: closesTexts, maxLength: limit)
        var examples: [TrainingExample] = []
        var files = try LabelFiles<SequenceLabel>(labels)
        var cut = 0
        while let labels = try files.next() {
            do throws(SwiftletError) {
                let (example, wasCut) = try reader.example(labels)
                examples.append(example)
                if wasCut { cut += 1 }
            } catch {
                throw error.file == nil
                    ? error.inFile(files.paths[0]).at("line \(files.line)") : error
            }
        }
        var notes: [String] = []
        if cut > 0 { notes.append("\(labels[0]): \(cut) examples cut to \(limit) tokens") }
        let idle = examples.count { $0.targetCount == 0 }
        if idle > 0 { notes.append("\(labels[0]): \(idle) examples have no token to learn") }
        return TrainingTask(
            model, learning: try WeakSequenceLearning(settings), from: examples,
            heldOut: try evaluationData.map { (path) throws(SwiftletError) in
                try .languageModeling(
                    model, data: path, closesTexts: closesTexts, maxLength: maxLength,
                    skipsBadLines: skipsBadLines)
            }, notes: notes)
    }
}

/// Turns the labels of one prompt into the sequences that a student learns from.
struct SequenceTargetReader {
    let encoder: PromptEncoder
    let settings: StudentSettings
    let weights: [Double]
    let closesTexts: Bool
    let maxLength: Int

    /// The example of a prompt: each weak model's best response, or for joint decoding the one that
    /// all of them chose.
    ///
    /// - Parameter labels: one per weak model.
    /// - Returns: the example, and whether it was cut.
    /// - Throws: bad data (65) naming the key.
    func example(_ labels: [SequenceLabel]) throws(SwiftletError) -> (TrainingExample, Bool) {
        let front = try encoder.front(labels[0].prompt)
        guard !front.isEmpty else {
            throw SwiftletError(
                .emptyPrompt, "the prompt has no tokens, so nothing can follow it",
                at: "key \"prompt\"")
        }
        var sequences: [LabelledSequence] = []
        if settings.method == .joint {
            let decided = try JointDecoding(score: settings.jointScore, weights: weights)(labels)
            sequences.append(
                try sequence(
                    front, labels.map { $0.candidates[decided.best] }, weights, weight: 1))
        } else {
            // A model of weight 0 adds nothing.
            for (label, weight) in zip(labels, weights) where weight > 0 {
                sequences.append(
                    try sequence(front, [label.candidates[0]], [1], weight: weight))
            }
        }
        let example = TrainingExample(sequences)
        guard sequences.contains(where: { $0.ids.count > maxLength }) else {
            return (example, false)
        }
        return (example.cut(to: maxLength), true)
    }

    /// The sequence of one response.
    ///
    /// - Parameters:
    ///   - front: the tokens of the prompt.
    ///   - opinions: the response as each weak model sees it, at least one.
    ///   - shares: what each of them weighs.
    ///   - weight: what the sequence weighs in the example.
    /// - Returns: the sequence.
    /// - Throws: bad data (65) for opinions without what confidence needs.
    private func sequence(
        _ front: [Int32], _ opinions: [Candidate], _ shares: [Double], weight: Double
    ) throws(SwiftletError) -> LabelledSequence {
        let response = try encoder.response(
            opinions[0].text, closes: closesTexts && opinions[0].isFinished)
        var scores: [WordScores] = []
        if settings.confidence != .none {
            for (opinion, share) in zip(opinions, shares) where share > 0 {
                scores.append(
                    try ConfidenceTransfer.scores(of: opinion, for: response, weight: share))
            }
        }
        return LabelledSequence(
            ids: front + response.ids,
            targets: .tokens(
                Array(repeating: TrainingExample.noLoss, count: front.count) + response.ids),
            weight: weight, wordScores: scores)
    }
}
