import SwiftletBytes

/// A question of SciQ in the original release's form.
public struct SciQQuestion: Sendable, Equatable {
    /// The question.
    public let question: String
    /// The right answer.
    public let correctAnswer: String
    /// The three wrong answers.
    public let distractors: [String]
    /// Its `id`, which stays with a question that moves to another file; nil if it has none.
    public let id: JSONValue?
    /// The number of the line in its file, counted from 1.
    public let line: Int

    /// Creates a question.
    public init(
        id: JSONValue? = nil, question: String, correctAnswer: String, distractors: [String],
        line: Int = 1
    ) {
        self.id = id
        self.question = question
        self.correctAnswer = correctAnswer
        self.distractors = distractors
        self.line = line
    }

    /// Reads lines `{"question","correct_answer","distractor1","distractor2","distractor3"}` with
    /// or without an `id`; other keys, such as `support`, are ignored.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - limit: the number of lines to read; nil for all.
    /// - Returns: the questions, in file order; at least one.
    /// - Throws: no input (66); bad data (65), naming file, line and key.
    public static func read(path: String, limit: Int? = nil) throws(SwiftletError)
        -> [SciQQuestion]
    {
        let questions = try TaskLines.read(path: path, limit: limit) {
            fields, line throws(SwiftletError) in
            var distractors: [String] = []
            for number in 1...3 {
                distractors.append(try fields.required("distractor\(number)", fields.string))
            }
            return SciQQuestion(
                id: try fields.id(), question: try fields.required("question", fields.string),
                correctAnswer: try fields.required("correct_answer", fields.string),
                distractors: distractors, line: line)
        }
        guard !questions.isEmpty else {
            throw SwiftletError(.noTaskExamples, file: path, "there is no question")
        }
        return questions
    }
}
