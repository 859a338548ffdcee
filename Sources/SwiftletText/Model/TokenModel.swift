/// A vocabulary together with the algorithm that turns text into its ids: the part of a tokenizer
/// in which one kind of model differs from another.
///
/// Added tokens, normalization and the ids around a text are the tokenizer's business. A model sees
/// the stretches of text between added tokens, one at a time.
protocol TokenModel: TokenSpellings, DecodableTokens, Sendable {
    /// The token that stands for text that the vocabulary cannot represent; nil if it can represent
    /// every text.
    var unknown: Int32? { get }

    /// Whether a space is put before every text, even one that begins with a space.
    var insertsSpace: Bool { get }

    /// What a user should know about the way texts are encoded.
    var notes: [String] { get }

    /// Creates an encoder for this model, with empty caches.
    func makeEncoder() -> any StretchEncoder
}

extension TokenModel {
    var unknown: Int32? { nil }
    var insertsSpace: Bool { false }
    var notes: [String] { [] }
}
