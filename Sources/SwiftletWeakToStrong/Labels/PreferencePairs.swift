import SwiftletBytes

/// Preference pairs from the trained model's own candidates, scored by the weak models: equations
/// (10) and (11), METHOD §9.
public struct PreferencePairs: Sendable {
    /// How weak models score.
    public let decoding: JointDecoding
    /// Whether completions begin with the space that separates them from the prompt; not for a
    /// model whose tokenizer inserts it (`TextTokenizer.insertsSpace`).
    public let separates: Bool

    /// Creates a rule.
    public init(decoding: JointDecoding, separates: Bool = true) {
        self.decoding = decoding
        self.separates = separates
    }

    /// The pair of a prompt: the best candidate and the worst.
    ///
    /// - Parameter label: the candidates with their scores.
    /// - Returns: nil if texts or scores are equal.
    public func pair(of label: JointLabel) -> PreferencePair? {
        let (chosen, rejected) = (label.candidates[label.best], label.candidates[label.worst])
        guard label.joint[label.best] != label.joint[label.worst],
            !chosen.text.utf8.elementsEqual(rejected.text.utf8)
        else { return nil }
        let separator = separates ? " " : ""
        return PreferencePair(
            prompt: label.prompt, chosen: separator + chosen.text,
            rejected: separator + rejected.text, chosenScore: label.joint[label.best],
            rejectedScore: label.joint[label.worst])
    }

    /// How many prompts a file of pairs has, and how many were left out.
    public struct Count: Sendable, Equatable {
        /// Prompts with a pair.
        public let pairs: Int
        /// Prompts whose candidates are equal in text or score.
        public let skipped: Int
    }

    /// Writes the pairs of tables as `finetune --task preference` reads them.
    ///
    /// - Parameters:
    ///   - paths: a table of every weak model, of the trained model's candidates.
    ///   - output: the file of pairs; replaced if it exists.
    /// - Returns: the number of prompts with and without a pair.
    /// - Throws: the errors of reading, naming file and line, and of writing.
    @discardableResult
    public func write(tables paths: [String], to output: String) throws(SwiftletError) -> Count {
        let file = try AtomicFile(path: output)
        var (pairs, skipped) = (0, 0)
        try decoding.forEach(tables: paths) { label, _ throws(SwiftletError) in
            guard let pair = pair(of: label) else {
                skipped += 1
                return
            }
            try file.write(JSONValue.object(pair.object).text() + "\n")
            pairs += 1
        }
        try file.commit()
        return Count(pairs: pairs, skipped: skipped)
    }
}

/// Two responses to a prompt, one of which is preferred.
public struct PreferencePair: Sendable, Equatable {
    /// The prompt.
    public let prompt: String
    /// The completion with the highest score.
    public let chosen: String
    /// The completion with the lowest score.
    public let rejected: String
    /// The joint score of ``chosen``.
    public let chosenScore: Double
    /// The joint score of ``rejected``.
    public let rejectedScore: Double

    /// The line as JSON.
    public var object: JSONObject {
        [
            "prompt": .string(prompt), "chosen": .string(chosen), "rejected": .string(rejected),
            "chosen_score": JSONValue(finite: chosenScore),
            "rejected_score": JSONValue(finite: rejectedScore),
        ]
    }
}
