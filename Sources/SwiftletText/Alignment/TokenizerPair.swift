import SwiftletBytes

/// Two tokenizers whose splits of the same texts are compared.
///
/// ```swift
/// let pair = TokenizerPair(try TextTokenizer(path: "gpt2"), try TextTokenizer(path: "llama3"))
/// var report = AlignmentReport()
/// for text in try pair.align(batch: texts, threads: 4) { report.add(text) }
/// print(report.oneToOneShare ?? 1, report.mismatches)
/// ```
public struct TokenizerPair: Sendable {
    /// The first tokenizer.
    public let a: TextTokenizer
    /// The second tokenizer.
    public let b: TextTokenizer

    /// How special-token strings in a text are treated; nil for each family's default.
    public let specialTokens: SpecialTokens?

    /// Creates a pair; both may be the same tokenizer.
    public init(_ a: TextTokenizer, _ b: TextTokenizer, specialTokens: SpecialTokens? = nil) {
        (self.a, self.b, self.specialTokens) = (a, b, specialTokens)
    }

    /// Aligns a text, without the tokens that the families put around one.
    ///
    /// - Throws: As ``TextTokenizer/encode(_:addSpecialTokens:specialTokens:)``.
    public func align(_ text: String) throws(SwiftletError) -> AlignedText {
        let encodingA = try a.encode(text, addSpecialTokens: false, specialTokens: specialTokens)
        let encodingB = try b.encode(text, addSpecialTokens: false, specialTokens: specialTokens)
        return AlignedText(
            text: text, a: encodingA, b: encodingB,
            lossA: TextLoss(a, text, encodingA, specialTokens),
            lossB: TextLoss(b, text, encodingB, specialTokens))
    }

    /// Aligns several texts on several threads.
    ///
    /// - Parameters:
    ///   - texts: The texts.
    ///   - threads: The number of threads, at least one.
    /// - Returns: The results, in the order of the texts.
    /// - Throws: As ``align(_:)``, for the first text that fails.
    public func align(
        batch texts: [String], threads: Int
    ) throws(SwiftletError) -> [AlignedText] {
        let results = ThreadTeam.map(texts, threads: threads) { text in
            Result { () throws(SwiftletError) in try align(text) }
        }
        var aligned: [AlignedText] = []
        aligned.reserveCapacity(results.count)
        for result in results { aligned.append(try result.get()) }
        return aligned
    }
}
