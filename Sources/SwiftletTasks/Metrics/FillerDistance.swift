/// How far a predicted filler is from the gold one (METHOD §10).
public enum FillerDistance: Sendable, CaseIterable {
    /// Word edit distance divided by the number of gold words, as a word error rate; may exceed 1.
    case word
    /// Edit distance over Unicode scalars divided by the larger length; 1 for two empty fillers.
    case character

    /// The distance.
    ///
    /// - Parameters:
    ///   - gold: the gold filler, with at least one word.
    ///   - prediction: the predicted filler; empty ones have the distance 1.
    /// - Returns: 0 for equal fillers.
    public func callAsFunction(_ gold: String, _ prediction: String) -> Double {
        switch self {
        case .word:
            let words = Self.words(gold)
            precondition(!words.isEmpty, "a gold filler has no words")
            return Double(EditDistance.between(words, Self.words(prediction)))
                / Double(words.count)
        case .character:
            let (a, b) = (Array(gold.unicodeScalars), Array(prediction.unicodeScalars))
            let length = max(a.count, b.count)
            return length == 0 ? 1 : Double(EditDistance.between(a, b)) / Double(length)
        }
    }

    /// The parts between spaces, without empty ones; no other character separates words.
    static func words(_ text: String) -> [ExactText] {
        text.unicodeScalars.split(separator: " ").map { ExactText(String($0)) }
    }

    /// Whether a filler has a word, as gold ones must.
    static func hasWords(_ text: String) -> Bool { text.unicodeScalars.contains { $0 != " " } }
}
