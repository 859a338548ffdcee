/// The tokens of a word's characters before any merge, in a BPE whose characters have a prefix or a
/// suffix.
///
/// They are found by the character alone. Spelling each character out would copy the prefix as often
/// as a text has characters, and a file may have a prefix of any length.
struct AffixedCharacters: Sendable {
    private let prefix: [UInt8]
    private let suffix: [UInt8]
    /// Whether all bytes of the prefix, and of the suffix, have tokens.
    private let haveByteTokens: (prefix: Bool, suffix: Bool)
    /// The tokens of characters without and with a prefix, then of those with a suffix too.
    private var tables: [[UInt32: Int32]] = [[:], [:], [:], [:]]

    /// Collects the tokens of a vocabulary; nil if there is neither prefix nor suffix.
    ///
    /// - Parameters:
    ///   - vocabulary: The tokens.
    ///   - prefix: The prefix.
    ///   - suffix: The suffix.
    ///   - byteTokens: The id of the token of each byte, -1 for those without; empty if bytes have
    ///     none.
    init?(_ vocabulary: Vocabulary, prefix: [UInt8], suffix: [UInt8], byteTokens: [Int32]) {
        if prefix.isEmpty, suffix.isEmpty { return nil }
        self.prefix = prefix
        self.suffix = suffix
        func isToken(_ byte: UInt8) -> Bool { !byteTokens.isEmpty && byteTokens[Int(byte)] >= 0 }
        haveByteTokens = (prefix.allSatisfy(isToken), suffix.allSatisfy(isToken))
        var tables = self.tables
        vocabulary.forEachToken { token, id in
            for index in tables.indices {
                let before = index & 1 == 1 ? prefix : []
                let after = index & 2 == 2 ? suffix : []
                guard token.count > before.count + after.count, token.starts(with: before),
                    token.suffix(after.count).elementsEqual(after)
                else { continue }
                let rest = token[before.count..<token.count - after.count]
                if let code = CheckedUTF8.only(in: UnsafeBufferPointer(rebasing: rest)) {
                    tables[index][code] = id
                }
            }
        }
        self.tables = tables
    }

    /// The token of a character.
    func id(of code: UInt32, isFirst: Bool, isLast: Bool) -> Int32? {
        tables[(isFirst ? 0 : 1) + (isLast ? 2 : 0)][code]
    }

    /// Whether all bytes that a character's spelling adds to it have tokens.
    func haveByteTokens(isFirst: Bool, isLast: Bool) -> Bool {
        (isFirst || haveByteTokens.prefix) && (!isLast || haveByteTokens.suffix)
    }

    /// The number of bytes that a character's spelling adds to it.
    func count(isFirst: Bool, isLast: Bool) -> Int {
        (isFirst ? 0 : prefix.count) + (isLast ? suffix.count : 0)
    }

    /// Calls `body` with each byte of a character's spelling.
    func forEachByte(
        of character: UnsafeBufferPointer<UInt8>, isFirst: Bool, isLast: Bool,
        _ body: (UInt8) -> Void
    ) {
        if !isFirst { prefix.forEach(body) }
        character.forEach(body)
        if isLast { suffix.forEach(body) }
    }
}
