/// A tokenizer that goes through the general path: a normalizer, a pre-tokenizer, and a model that
/// segments one word at a time.
final class GeneralTokenModel: TokenModel {
    let words: any WordModel
    let normalizer: GeneralNormalizer?
    let preTokenizer: GeneralPreTokenizer?

    /// Creates a model of the given parts.
    init(
        _ words: any WordModel, normalizer: GeneralNormalizer?, preTokenizer: GeneralPreTokenizer?
    ) {
        self.words = words
        self.normalizer = normalizer
        self.preTokenizer = preTokenizer
    }

    var tokenCount: Int { words.vocabulary.tokenCount }
    var idCount: Int { words.vocabulary.count }
    var unknown: Int32? { words.unknown }

    func id(of spelling: [UInt8]) -> Int32? { words.vocabulary.id(of: spelling) }

    func spelling(of id: Int) -> [UInt8]? { words.vocabulary.spelling(of: id) }

    func append(bytesOf id: Int, to bytes: inout [UInt8]) -> Bool {
        guard let spelling = words.vocabulary.token(of: id)?.bytes else { return false }
        bytes.append(contentsOf: spelling)
        return true
    }

    func append(bytesOfAdded content: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: content)
    }

    func makeEncoder() -> any StretchEncoder { GeneralEncoder(self) }
}
