/// A byte-level BPE with the pattern that splits text into words, as GPT-2's model is.
final class ByteLevelModel: TokenModel {
    let pairs: BytePairModel
    /// The splits that come first; `preTokenizer` then splits each piece.
    let splits: [SplitStep]
    let preTokenizer: PreTokenizer
    /// Whether a stretch that does not begin with a space is encoded as if it did
    /// (`add_prefix_space`).
    let addsPrefixSpace: Bool

    /// Creates a model.
    ///
    /// With `splits`, no space is inserted.
    init(
        _ pairs: BytePairModel, splits: [SplitStep] = [], _ preTokenizer: PreTokenizer,
        addsPrefixSpace: Bool
    ) {
        self.pairs = pairs
        self.splits = splits
        self.preTokenizer = preTokenizer
        self.addsPrefixSpace = addsPrefixSpace
    }

    var tokenCount: Int { pairs.vocabulary.tokenCount }
    var idCount: Int { pairs.vocabulary.count }
    var unknown: Int32? { pairs.gaps?.unknown }

    func id(of spelling: [UInt8]) -> Int32? { ByteAlphabet.id(of: spelling, in: pairs.vocabulary) }

    func spelling(of id: Int) -> [UInt8]? {
        pairs.vocabulary.token(of: id).map {
            $0.isVerbatim ? Array($0.bytes) : ByteAlphabet.spelling(of: $0.bytes)
        }
    }

    func append(bytesOf id: Int, to bytes: inout [UInt8]) -> Bool {
        // A spelling that stands for no bytes stands for itself, as in Hugging Face's decoder.
        guard let token = pairs.vocabulary.token(of: id) else { return false }
        bytes.append(contentsOf: token.bytes)
        return true
    }

    func append(bytesOfAdded content: [UInt8], to bytes: inout [UInt8]) {
        if !ByteAlphabet.append(bytesOf: content[...], to: &bytes) {
            bytes.append(contentsOf: content)
        }
    }

    var notes: [String] { splits.compactMap(\.note).asFewNotes }

    func makeEncoder() -> any StretchEncoder { ByteLevelEncoder(self) }
}
