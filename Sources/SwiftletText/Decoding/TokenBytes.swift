import SwiftletBytes

/// The bytes that each token stands for, or its spelling if decoding goes by that, and whether
/// decoding may skip it.
struct TokenBytes: Sendable {
    private var bytes: [UInt8] = []
    /// Where each id's bytes end; they begin where those of the previous id end.
    private var ends: [Int] = []
    private var known: [Bool] = []
    private var special: [Bool] = []
    private var isByte: [Bool] = []

    /// The bytes of every token of a model, and of the tokens added to it.
    init(_ tokens: some DecodableTokens, _ added: AddedVocabulary) {
        let highest = added.entries.map { Int($0.id) }.max() ?? -1
        let count = max(tokens.idCount, highest + 1)
        ends.reserveCapacity(count)
        known.reserveCapacity(count)
        special.reserveCapacity(count)
        isByte.reserveCapacity(count)
        for id in 0..<count {
            if let token = added.token(of: Int32(truncatingIfNeeded: id)) {
                let content = added.decodedContent(of: Int32(truncatingIfNeeded: id)) ?? []
                tokens.append(bytesOfAdded: content, to: &bytes)
                known.append(true)
                special.append(added.isSpecial(token.content) || tokens.isSpecial(id))
                isByte.append(false)
            } else {
                known.append(tokens.append(bytesOf: id, to: &bytes))
                special.append(tokens.isSpecial(id))
                isByte.append(tokens.isByte(id))
            }
            ends.append(bytes.count)
        }
    }

    /// The highest id plus one.
    var count: Int { ends.count }

    /// The bytes of a token; nil if there is no such id.
    subscript(id: Int32) -> ArraySlice<UInt8>? {
        guard let index = index(id) else { return nil }
        return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// Whether a token is special.
    func isSpecial(_ id: Int32) -> Bool { index(id).map { special[$0] } ?? false }

    /// Decodes the next id into `joined`, which a skipped special token leaves unchanged.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenIDUnknown``, and `joined` is then unchanged;
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit`` for a decoder with a pattern.
    func decode(
        _ id: Int32, skipSpecialTokens: Bool, into joined: inout JoinedTokens
    ) throws(SwiftletError) {
        guard let index = index(id), let bytes = self[id] else {
            throw SwiftletError(
                .tokenIDUnknown, "the id \(id) is not in the vocabulary of \(count) ids")
        }
        if skipSpecialTokens, special[index] { return }
        try joined.push(bytes, isByte: isByte[index])
    }

    private func index(_ id: Int32) -> Int? {
        let index = Int(id)
        return index >= 0 && index < known.count && known[index] ? index : nil
    }
}
