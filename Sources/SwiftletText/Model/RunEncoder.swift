/// What one encoding call at a time needs and the next one can use again: caches, scratch memory and
/// the ids made so far.
///
/// A tokenizer keeps a few of these and lends each to one call at a time, so no lock is taken while
/// encoding. A cached entry holds the ids of one word; nothing longer is remembered.
final class RunEncoder: StretchEncoder {
    let out = IDBuffer(capacity: 4096)
    private let model: ByteLevelModel
    private let words = WordCache()
    private let longWords = LongWordCache()
    private let merger = WordMerger()

    init(_ model: ByteLevelModel) { self.model = model }

    func reset() { out.removeAll() }

    func encode(_ text: UnsafeBufferPointer<UInt8>) {
        if model.addsPrefixSpace, text.first != 0x20 {
            var prefixed: [UInt8] = [0x20]
            prefixed.append(contentsOf: text)
            prefixed.withUnsafeBufferPointer { encodeWords($0) }
        } else {
            encodeWords(text)
        }
    }

    func encode(_ text: UnsafeBufferPointer<UInt8>, offsets: inout [Range<Int>]) {
        let first = out.count
        encode(text)
        // The first token's length counts the space in front of the text, which has no bytes.
        var isPrefixed = model.addsPrefixSpace && text.first != 0x20
        var position = 0
        for index in first..<out.count {
            // In bounds: below the number of ids in use, and each is an id of the model.
            var length = Int(model.lengths.start[Int(out.start[index])])
            if isPrefixed {
                length -= 1
                isPrefixed = false
            }
            offsets.append(position..<position + length)
            position += length
        }
    }

    private func encodeWords(_ text: UnsafeBufferPointer<UInt8>) {
        guard let base = text.baseAddress, text.count > 0 else { return }
        switch model.preTokenizer {
        case .gpt2: encode(base, text.count, GPT2Scanner.self, model.pairs)
        case .whole: encode(base, text.count, WholeScanner.self, model.pairs)
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
