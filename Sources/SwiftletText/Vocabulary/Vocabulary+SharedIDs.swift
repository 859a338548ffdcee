/// Tokens that have the id of another one.
///
/// All are found by their bytes; the id stands for the first of them.
extension Vocabulary {
    /// The tokens whose id is that of the entry before, of entries that are checked.
    static func sharers(
        _ entries: GrowingBuffer<VocabularyList.Entry>, _ bytes: FixedBuffer<UInt8>
    ) throws(Refusal) -> [[UInt8]: Int32] {
        var sharers: [[UInt8]: Int32] = [:]
        try entries.withElements { entries throws(Refusal) in
            for (index, entry) in entries.enumerated().dropFirst()
            where entries[index - 1].id == entry.id {
                // In bounds: the entries are those of the list that has these bytes.
                let token = UnsafeBufferPointer(
                    start: bytes.start + entry.start, count: entry.length)
                let id = Int32(truncatingIfNeeded: entry.id)
                if let other = sharers.updateValue(id, forKey: Array(token)) {
                    throw Refusal(entry: entry, reason: .duplicateToken(of: Int(other)))
                }
            }
        }
        return sharers
    }

    /// Whether some tokens share an id.
    var sharesIDs: Bool { !sharers.isEmpty }

    /// Calls `body` with each token and its id.
    func forEachToken(_ body: (UnsafeBufferPointer<UInt8>, Int32) -> Void) {
        for id in 0..<count {
            if let token = token(of: id) { body(token.bytes, Int32(truncatingIfNeeded: id)) }
        }
        for (token, id) in sharers { token.withUnsafeBufferPointer { body($0, id) } }
    }

    /// What a user should know about ids that several tokens share, in order of id.
    var notes: [String] {
        Set(sharers.values).sorted().map { id in
            let first = String(decoding: spelling(of: Int(id)) ?? [], as: UTF8.self)
            return "the id \(id) is that of several tokens of the vocabulary: it stands for the "
                + "first, \"\(first)\", where Hugging Face's tokenizers takes any of them"
        }
    }
}
