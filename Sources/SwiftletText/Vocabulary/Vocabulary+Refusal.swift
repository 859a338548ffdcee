extension Vocabulary {
    /// Why a list of tokens is not a vocabulary: the first entry at fault, and the reason.
    struct Refusal: Error {
        enum Reason {
            case duplicateToken(of: Int)
            case duplicateID
            case idTooHigh
            case tooManyBytes
        }
        var entry: VocabularyList.Entry
        var reason: Reason

        /// The reason in words, for a list of `tokenCount` entries.
        func text(tokenCount: Int) -> String {
            switch reason {
            case .duplicateID: "duplicate id \(entry.id)"
            case .duplicateToken(let other): "duplicate token, with ids \(other) and \(entry.id)"
            case .idTooHigh:
                "the id \(entry.id) is far above the \(tokenCount) tokens of the vocabulary"
            case .tooManyBytes: "the tokens take more than 4 gigabytes"
            }
        }
    }
}
