/// What decoding needs to know of a model's tokens.
protocol DecodableTokens {
    /// The highest id plus one.
    var idCount: Int { get }
    /// How decoding turns the tokens' bytes into text.
    var joining: TokenJoining { get }

    /// Appends the bytes that a token stands for, or its spelling where ``joining`` is by a decoder;
    /// returns false if there is no such id.
    func append(bytesOf id: Int, to bytes: inout [UInt8]) -> Bool
    /// Appends the bytes that an added token with this content stands for, or its content where
    /// ``joining`` is by a decoder.
    func append(bytesOfAdded content: [UInt8], to bytes: inout [UInt8])

    /// Whether a token stands for a single byte, so that several of them make up a character.
    func isByte(_ id: Int) -> Bool
    /// Whether decoding may skip a token that is not an added one.
    func isSpecial(_ id: Int) -> Bool

    /// The bytes of all tokens, including the added ones.
    ///
    /// This is a requirement, not only an extension method, so that the loop over the vocabulary is
    /// compiled for each conforming type.
    func tokenBytes(_ added: AddedVocabulary) -> TokenBytes
}

extension DecodableTokens {
    var joining: TokenJoining { .bytes }
    func isByte(_ id: Int) -> Bool { false }
    func isSpecial(_ id: Int) -> Bool { false }
    func tokenBytes(_ added: AddedVocabulary) -> TokenBytes { TokenBytes(self, added) }
}
