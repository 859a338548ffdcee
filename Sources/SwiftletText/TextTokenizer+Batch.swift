import SwiftletBytes

extension TextTokenizer {
    /// The encodings of many texts, in their order, made on several threads.
    ///
    /// - Parameters:
    ///   - texts: the texts.
    ///   - threads: how many threads work, at least one.
    ///   - addSpecialTokens: whether the tokens that the family puts around a text are added.
    ///   - specialTokens: what special tokens are that stand in a text; nil: what the family does.
    public func encode(
        batch texts: [String], threads: Int, addSpecialTokens: Bool = true,
        specialTokens: SpecialTokens? = nil
    ) -> [Encoding] {
        ThreadTeam.map(texts, threads: threads) {
            self.encode($0, addSpecialTokens: addSpecialTokens, specialTokens: specialTokens)
        }
    }
}
