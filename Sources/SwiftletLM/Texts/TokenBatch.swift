import SwiftletBytes

/// Sequences laid end to end, without padding.
public struct TokenBatch: Sendable {
    /// The token ids of all sequences.
    public private(set) var ids: [Int32] = []
    /// The position of each token in its sequence.
    public private(set) var positions: [Int32] = []
    /// The rows (token indices) of each sequence.
    public private(set) var sequences: [Range<Int>] = []
    /// For each sequence, the text length that length-dependent rotations use.
    private(set) var frequencyLengths: [Int] = []

    /// Creates an empty batch.
    public init() {}

    /// Creates a batch of whole sequences.
    public init(_ sequences: [[Int32]]) {
        for sequence in sequences { append(sequence) }
    }

    /// Adds a sequence whose first token has the position `position`.
    public mutating func append(_ sequence: some Collection<Int32>, from position: Int = 0) {
        append(sequence, from: position, frequencyLength: position + sequence.count)
    }

    /// Adds tokens that extend a sequence.
    ///
    /// - Parameters:
    ///   - sequence: the tokens.
    ///   - position: the position of the first one.
    ///   - frequencyLength: as ``RotaryEmbedding/frequencyLength(first:total:)`` returns.
    mutating func append(
        _ sequence: some Collection<Int32>, from position: Int, frequencyLength: Int
    ) {
        let start = ids.count
        ids.append(contentsOf: sequence)
        positions.append(
            contentsOf: (0..<sequence.count).map { Int32(clamping: position + $0) })
        sequences.append(start..<ids.count)
        frequencyLengths.append(frequencyLength)
    }

    /// The number of tokens.
    public var count: Int { ids.count }

    /// Checks that a decoder can take the batch.
    ///
    /// - Throws: bad data (65) for a token outside the vocabulary or a sequence longer than the
    ///   context.
    func validate(for description: DecoderDescription) throws(SwiftletError) {
        if let id = ids.first(where: { $0 < 0 || Int($0) >= description.vocabularySize }) {
            throw SwiftletError(
                .tokenOutsideVocabulary,
                "token \(id) is outside the vocabulary of \(description.vocabularySize)")
        }
        if let position = positions.max(), Int(position) >= description.maximumLength {
            throw SwiftletError(
                .sequenceTooLong,
                "a sequence of \(position + 1) tokens exceeds the context of \(description.maximumLength)"
            )
        }
    }
}

extension SwiftletError.Code {
    /// A token id is negative or exceeds the rows of the embedding.
    public static let tokenOutsideVocabulary = Self("tokens.vocabulary", .badData)
    /// A sequence exceeds the model's context.
    public static let sequenceTooLong = Self("tokens.context", .badData)
}
