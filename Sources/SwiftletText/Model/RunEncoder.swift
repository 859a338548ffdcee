/// What one encoding call at a time needs and the next one can use again: caches, scratch memory and
/// the ids made so far.
///
/// A tokenizer keeps a few of these and lends each to one call at a time, so no lock is taken while
/// encoding. A cached entry holds the ids of one word; nothing longer is remembered.
final class RunEncoder {
    /// The ids made so far.
    let out = IDBuffer(capacity: 4096)
    private let words = WordCache()
    private let longWords = LongWordCache()
    private let merger = WordMerger()

    /// Forgets the ids, and gives back the memory of a huge text.
    func reset() { out.removeAll() }

    /// Appends the ids of a text with a space in front of it.
    func encodePrefixed(
        _ text: UnsafeBufferPointer<UInt8>, _ preTokenizer: PreTokenizer,
        _ model: borrowing BytePairModel
    ) {
        var prefixed: [UInt8] = [0x20]
        prefixed.append(contentsOf: text)
        prefixed.withUnsafeBufferPointer { encode($0, preTokenizer, model) }
    }

    /// Appends the ids of a text without added tokens.
    ///
    /// - Parameter text: well-formed UTF-8.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>, _ preTokenizer: PreTokenizer,
        _ model: borrowing BytePairModel
    ) {
        guard let base = text.baseAddress, text.count > 0 else { return }
        switch preTokenizer {
        case .gpt2: encode(base, text.count, GPT2Scanner.self, model)
        case .whole: encode(base, text.count, WholeScanner.self, model)
        }
    }

    @inline(__always)
    private func encode<Scanner: WordScanner>(
        _ text: UnsafePointer<UInt8>, _ end: Int, _ scanner: Scanner.Type,
        _ model: borrowing BytePairModel
    ) {
        let table = words.start
        let out = self.out
        var ids = out.start
        var used = out.count
        // Each word writes three ids at once, whatever their number.
        var limit = out.capacity &- 4
        var start = 0
        while start < end {
            let wordEnd = Scanner.wordEnd(text, start, end)
            let length = wordEnd &- start
            let word = text + start
            if length <= WordCache.longestWord {
                let key = WordCache.key(word, length, readable: end &- start)
                let set = WordCache.set(table, key)
                if used <= limit, let slot = WordCache.find(set, key) {
                    // In bounds: used <= capacity - 4. Slots are aligned to 32 bytes, ids to 4.
                    let target = UnsafeMutableRawPointer(ids + used)
                    target.storeBytes(
                        of: slot.load(fromByteOffset: 16, as: UInt64.self), as: UInt64.self)
                    target.storeBytes(
                        of: slot.load(fromByteOffset: 24, as: Int32.self), toByteOffset: 8,
                        as: Int32.self)
                    used &+= Int(slot.load(fromByteOffset: 28, as: Int32.self))
                    start = wordEnd
                    continue
                }
                out.count = used
                encodeNewWord(UnsafeBufferPointer(start: word, count: length), model, set, key)
            } else {
                out.count = used
                encodeLongWord(UnsafeBufferPointer(start: word, count: length), model)
            }
            out.reserve(8)
            ids = out.start
            used = out.count
            limit = out.capacity &- 4
            start = wordEnd
        }
        out.count = used
    }

    /// A word that is short enough for the first cache and not in it.
    @inline(never)
    private func encodeNewWord(
        _ word: UnsafeBufferPointer<UInt8>, _ model: borrowing BytePairModel,
        _ set: UnsafeMutableRawPointer, _ key: WordCache.Key
    ) {
        let first = out.count
        encodeLongWord(word, model)
        let count = out.count - first
        if count <= WordCache.mostIDs {
            // In bounds: ids `first` to `first + count` are in use.
            WordCache.insert(set, key, out.start + first, count: count)
        }
    }

    /// A word of any length.
    @inline(never)
    private func encodeLongWord(
        _ word: UnsafeBufferPointer<UInt8>, _ model: borrowing BytePairModel
    ) {
        guard word.count <= LongWordCache.longestWord else {
            merger.merge(word, model, into: out)
            return
        }
        let slot = LongWordCache.slot(word)
        if longWords.append(word, slot: slot, to: out) { return }
        let first = out.count
        merger.merge(word, model, into: out)
        if word.count > WordCache.longestWord || out.count - first > WordCache.mostIDs {
            longWords.insert(word, slot: slot, out, from: first)
        }
    }
}
