import SwiftletBytes

extension TextTokenizer {
    /// Encodes several texts on several threads.
    ///
    /// - Parameters:
    ///   - texts: The texts.
    ///   - threads: The number of threads, at least one.
    ///   - addSpecialTokens: Whether to add the tokens that the family puts around a text.
    ///   - specialTokens: How special-token strings in a text are treated; nil for the family's
    ///     default.
    /// - Returns: The encodings, in the order of the texts.
    /// - Throws: As ``encode(_:addSpecialTokens:specialTokens:)``, for the first text that fails.
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
