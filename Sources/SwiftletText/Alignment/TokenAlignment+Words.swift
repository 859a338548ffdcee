extension TokenAlignment {
    /// Joins the groups to words: the finest groups of both sides that begin where a word does.
    ///
    /// A word begins at a space, tab, line feed or carriage return that does not follow another
    /// one, so that it includes the white space before it and the punctuation after it. A word that
    /// a token of either side extends beyond is joined with the next one. What one model predicts
    /// for the tokens of a word can thus be carried over to the other's tokens, which is how
    /// word-level confidence is transferred in Bayesian WeakS-to-Strong (arXiv 2406.03199, section
    /// 4.2).
    ///
    /// ```swift
    /// let pair = TokenizerPair(weak, strong)
    /// let aligned = try pair.align(" the lighthouse keeper")
    /// for word in aligned.alignment.words(of: aligned.text.utf8) {
    ///     print(word.a, word.b)      // the tokens of " the", of " lighthouse", of " keeper"
    /// }
    /// ```
    ///
    /// - Parameter text: The text's bytes, as many as the groups have.
    /// - Returns: The groups, each of at least one word.
    public func words(of text: some Sequence<UInt8>) -> [Group] {
        var words: [Group] = []
        var bytes = text.makeIterator()
        var before: UInt8?
        for group in groups {
            var first: UInt8?
            var last = before
            for _ in group.bytes {
                guard let byte = bytes.next() else { break }
                first = first ?? byte
                last = byte
            }
            let begins = first.map(\.isWordSpace) == true && before.map(\.isWordSpace) == false
            before = last
            guard !words.isEmpty, !begins else {
                words.append(group)
                continue
            }
            let word = words[words.count - 1]
            words[words.count - 1] = Group(
                bytes: word.bytes.lowerBound..<group.bytes.upperBound,
                a: word.a.lowerBound..<group.a.upperBound,
                b: word.b.lowerBound..<group.b.upperBound)
        }
        return words
    }
}

extension UInt8 {
    /// Whether the byte separates words: space, tab, line feed, carriage return.
    var isWordSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
