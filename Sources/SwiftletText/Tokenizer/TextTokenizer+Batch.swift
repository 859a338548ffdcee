import SwiftletBytes

extension TextTokenizer {
    /// The encodings of many texts, in their order, made on several threads.
    ///
    /// - Parameters:
    ///   - texts: the texts.
    ///   - threads: how many threads work, at least one.
    ///   - addSpecialTokens: whether the tokens that the family puts around a text are added.
    ///   - specialTokens: what special tokens are that stand in a text; nil: what the family does.
    /// - Throws: as ``encode(_:addSpecialTokens:specialTokens:)``, of the first text that fails.
    public func encode(
        batch texts: [String], threads: Int, addSpecialTokens: Bool = true,
        specialTokens: SpecialTokens? = nil
    ) throws(SwiftletError) -> [Encoding] {
        let encodings = ThreadTeam.map(texts, threads: threads) { text in
            Result { () throws(SwiftletError) in
                try self.encode(
                    text, addSpecialTokens: addSpecialTokens, specialTokens: specialTokens)
            }
        }
        var all: [Encoding] = []
        all.reserveCapacity(encodings.count)
        for encoding in encodings { all.append(try encoding.get()) }
        return all
    }
}
