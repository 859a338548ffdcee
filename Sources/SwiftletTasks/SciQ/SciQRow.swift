import SwiftletBytes

/// A question of SciQ with one answer, to be called right or wrong (METHOD §2).
public struct SciQRow: Sendable, Equatable {
    /// How labels are drawn.
    public enum Labels: String, Sendable, CaseIterable {
        /// Half of the answers are right; of an odd number, one more.
        case balanced
        /// Each is right with probability ½, as in the original code.
        case coin
    }

    /// `Q: {question} A: {answer}`.
    public let text: String
    /// 1 for the right answer, 0 for a wrong one.
    public let label: Int
    /// The question's `id`; nil if it has none.
    public let id: JSONValue?
    /// The number of the question's line in its file.
    public let line: Int

    /// One row per question.
    ///
    /// The labels are ⌈n/2⌉ ones and then zeros, shuffled; a wrong answer is distractor number
    /// `next() mod 3`, drawn for the rows with label 0 in their order. Every part of a split is given
    /// separately, and begins its streams anew.
    ///
    /// - Parameters:
    ///   - questions: a part of a split.
    ///   - labels: how labels are drawn.
    ///   - seed: the seed of the split (``SeedStreams``).
    /// - Returns: the rows, in the order of the questions.
    public static func rows(
        _ questions: [SciQQuestion], labels: Labels = .balanced, seed: UInt64
    ) -> [SciQRow] {
        var labelStream = SeedStreams.labels(seed)
        var distractorStream = SeedStreams.distractors(seed)
        var drawn: [Int]
        switch labels {
        case .balanced:
            let ones = (questions.count + 1) / 2
            drawn =
                Array(repeating: 1, count: ones)
                + Array(repeating: 0, count: questions.count - ones)
            labelStream.shuffle(&drawn)
        case .coin:
            drawn = questions.map { _ in Int(labelStream.next() % 2) }
        }
        return zip(questions, drawn).map { question, label in
            let answer =
                label == 1
                ? question.correctAnswer
                : question.distractors[Int(distractorStream.next() % 3)]
            return SciQRow(
                text: "Q: \(question.question) A: \(answer)", label: label, id: question.id,
                line: question.line)
        }
    }
}
