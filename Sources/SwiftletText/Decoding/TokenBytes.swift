import SwiftletBytes

/// The bytes that each token stands for, and whether decoding may leave it out.
struct TokenBytes: Sendable {
    private var bytes: [UInt8] = []
    /// Where each id's bytes end; they begin where those of the id below end.
    private var ends: [Int] = []
    private var known: [Bool] = []
    private var special: [Bool] = []
    private var isByte: [Bool] = []

    /// The bytes of every token of a model and of those added to it.
    init(_ model: some TokenModel, _ added: AddedVocabulary) {
        let highest = added.entries.map { Int($0.id) }.max() ?? -1
        let count = max(model.idCount, highest + 1)
        ends.reserveCapacity(count)
        known.reserveCapacity(count)
        special.reserveCapacity(count)
        isByte.reserveCapacity(count)
        for id in 0..<count {
            if let token = added.token(of: Int32(truncatingIfNeeded: id)) {
                model.append(bytesOfAdded: Array(token.content.utf8), to: &bytes)
                known.append(true)
                special.append(added.isSpecial(token.content) || model.isSpecial(id))
                isByte.append(false)
            } else {
                known.append(model.append(bytesOf: id, to: &bytes))
                special.append(model.isSpecial(id))
                isByte.append(model.isByte(id))
            }
            ends.append(bytes.count)
        }
    }

    /// The highest id and one.
    var count: Int { ends.count }

    /// The bytes of an id; nil if there is no such token.
    subscript(id: Int32) -> ArraySlice<UInt8>? {
        guard let index = index(id) else { return nil }
        return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// Whether an id is a special token.
    func isSpecial(_ id: Int32) -> Bool { index(id).map { special[$0] } ?? false }

    /// Takes the next id that is to be decoded to `joined`; a special token that is to be skipped
    /// leaves it as it is.
    ///
    /// - Throws: ``SwiftletError/Code/tokenIDUnknown``; `joined` is then as it was.
    func decode(
        _ id: Int32, skipSpecialTokens: Bool, into joined: inout JoinedTokens
    ) throws(SwiftletError) {
        guard let index = index(id), let bytes = self[id] else {
            throw SwiftletError(
                .tokenIDUnknown, "the id \(id) is not in the vocabulary of \(count) ids")
        }
        if skipSpecialTokens, special[index] { return }
        joined.push(bytes, isByte: isByte[index])
    }

    private func index(_ id: Int32) -> Int? {
        let index = Int(id)
        return index >= 0 && index < known.count && known[index] ? index : nil
    }
}
