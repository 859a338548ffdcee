/// A byte-level BPE with the pattern that cuts text into words: GPT-2's kind of model.
final class ByteLevelModel: TokenModel {
    let pairs: BytePairModel
    let preTokenizer: PreTokenizer
    /// Whether a stretch that begins with no space is encoded as if it did (`add_prefix_space`).
    let addsPrefixSpace: Bool
    /// How many bytes each id stands for; of no meaning where there is no such id.
    let lengths: FixedBuffer<Int32>

    init(_ pairs: BytePairModel, _ preTokenizer: PreTokenizer, addsPrefixSpace: Bool) {
        self.pairs = pairs
        self.preTokenizer = preTokenizer
        self.addsPrefixSpace = addsPrefixSpace
        var lengths = [Int32](repeating: 0, count: pairs.vocabulary.count)
        var bytes: [UInt8] = []
        for id in lengths.indices {
            guard let spelling = pairs.vocabulary.spelling(of: id) else { continue }
            bytes.removeAll(keepingCapacity: true)
            ByteAlphabet.append(bytesOf: spelling, to: &bytes)
            lengths[id] = Int32(truncatingIfNeeded: bytes.count)
        }
        self.lengths = FixedBuffer(lengths, padding: 0)
    }

    var tokenCount: Int { pairs.vocabulary.tokenCount }
    var idCount: Int { pairs.vocabulary.count }

    func id(of spelling: [UInt8]) -> Int32? { pairs.vocabulary.id(of: spelling[...]) }

    func spelling(of id: Int) -> [UInt8]? { pairs.vocabulary.spelling(of: id).map { Array($0) } }

    func append(bytesOf id: Int, to bytes: inout [UInt8]) -> Bool {
        guard let spelling = pairs.vocabulary.spelling(of: id) else { return false }
        ByteAlphabet.append(bytesOf: spelling, to: &bytes)
        return true
    }

    func append(bytesOfAdded content: [UInt8], to bytes: inout [UInt8]) {
        ByteAlphabet.append(bytesOf: content[...], to: &bytes)
    }

    func makeEncoder() -> any StretchEncoder { RunEncoder(self) }
}
