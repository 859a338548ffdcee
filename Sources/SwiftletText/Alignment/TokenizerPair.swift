import SwiftletBytes

/// Two tokenizers whose cuts of the same texts are compared.
///
/// ```swift
/// let pair = TokenizerPair(try TextTokenizer(path: "gpt2"), try TextTokenizer(path: "llama3"))
/// var report = AlignmentReport()
/// for text in try pair.align(batch: texts, threads: 4) { report.add(text) }
/// print(report.oneToOneShare ?? 1, report.mismatches)
/// ```
public struct TokenizerPair: Sendable {
    /// The one.
    public let a: TextTokenizer
    /// The other.
    public let b: TextTokenizer

    /// What special tokens are that stand in a text; nil: what each family does.
    public let specialTokens: SpecialTokens?

    /// A pair; both may be the same tokenizer.
    public init(_ a: TextTokenizer, _ b: TextTokenizer, specialTokens: SpecialTokens? = nil) {
        (self.a, self.b, self.specialTokens) = (a, b, specialTokens)
    }

    /// Aligns a text, without the tokens that the families put around one.
    ///
    /// - Throws: as ``TextTokenizer/encode(_:addSpecialTokens:specialTokens:)``.
    public func align(_ text: String) throws(SwiftletError) -> AlignedText {
        let encodingA = try a.encode(text, addSpecialTokens: false, specialTokens: specialTokens)
        let encodingB = try b.encode(text, addSpecialTokens: false, specialTokens: specialTokens)
        return AlignedText(
            text: text, a: encodingA, b: encodingB,
            lossA: TextLoss(a, text, encodingA, specialTokens),
            lossB: TextLoss(b, text, encodingB, specialTokens))
    }

    /// Aligns many texts, in their order, on several threads.
    ///
    /// - Parameters:
    ///   - texts: the texts.
    ///   - threads: how many threads work, at least one.
    /// - Throws: as ``align(_:)``, of the first text that fails.
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
