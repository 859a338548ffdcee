import SwiftletBytes

/// Two tokenizers whose cuts of the same texts are compared.
///
/// ```swift
/// let pair = TokenizerPair(try TextTokenizer(path: "gpt2"), try TextTokenizer(path: "llama3"))
/// var report = AlignmentReport()
/// for text in pair.align(batch: texts, threads: 4) { report.add(text) }
/// print(report.oneToOneShare, report.mismatches)
/// ```
public struct TokenizerPair: Sendable {
    /// The one.
    public let a: TextTokenizer
    /// The other.
    public let b: TextTokenizer

    /// A pair; both may be the same tokenizer.
    public init(_ a: TextTokenizer, _ b: TextTokenizer) { (self.a, self.b) = (a, b) }

    /// Aligns a text, without the tokens that the families put around one.
    public func align(_ text: String) -> AlignedText {
        let encodingA = a.encode(text, addSpecialTokens: false)
        let encodingB = b.encode(text, addSpecialTokens: false)
        return AlignedText(
            text: text, a: encodingA, b: encodingB, lossA: TextLoss(a, text, encodingA),
            lossB: TextLoss(b, text, encodingB))
    }

    /// Aligns many texts, in their order, on several threads.
    ///
    /// - Parameters:
    ///   - texts: the texts.
    ///   - threads: how many threads work, at least one.
    public func align(batch texts: [String], threads: Int) -> [AlignedText] {
        ThreadTeam.map(texts, threads: threads) { align($0) }
    }
}
