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
            var length = model.pairs.vocabulary.length(of: Int(out.start[index]))
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
        case .qwen: encode(base, text.count, CL100KScanner<OneDigit>.self, model.pairs)
        case .cl100k: encode(base, text.count, CL100KScanner<ThreeDigits>.self, model.pairs)
        case .whole: encode(base, text.count, WholeScanner.self, model.pairs)
        }
    }

    @inline(__always)
    private func encode<Scanner: WordScanner>(
        _ text: UnsafePointer<UInt8>, _ end: Int, _ scanner: Scanner.Type,
        _ model: borrowing BytePairModel
    ) {
        var target = Target(out)
        var start = 0
        while start < end {
            // ASCII goes a block at a time, all of its words found at once; in bounds by the
            // comparison.
            if end &- start >= ASCIIBlock.readable, text[start] < 0x80 {
                let block = ASCIIBlock(text + start)
                var starts = Scanner.starts(block, text + start) & block.certain & ~1
                if starts != 0 {
                    var from = 0
                    while starts != 0 {
                        let to = starts.trailingZeroBitCount
                        starts &= starts &- 1
                        append(
                            text + start + from, to &- from, readable: 16, model, &target)
                        from = to
                    }
                    start &+= from
                    continue
                }
            }
            let wordEnd = Scanner.wordEnd(text, start, end)
            append(
                text + start, wordEnd &- start, readable: end &- start, model, &target)
            start = wordEnd
        }
        out.count = target.used
    }

    /// Where ids go: a copy of what ``out`` says, kept in registers.
    private struct Target {
        var ids: UnsafeMutablePointer<Int32>
        var used: Int
        /// The last place for three ids at once.
        var limit: Int

        @inline(__always)
        init(_ out: IDBuffer) {
            // Each word writes three ids at once, whatever their number.
            out.reserve(8)
            ids = out.start
            used = out.count
            limit = out.capacity &- 4
        }
    }

    /// Appends the ids of a word of `length` bytes, of which `readable`, at least as many, may be
    /// read.
    @inline(__always)
    private func append(
        _ word: UnsafePointer<UInt8>, _ length: Int, readable: Int,
        _ model: borrowing BytePairModel, _ target: inout Target
    ) {
        if length <= WordCache.longestWord {
            let key = WordCache.key(word, length, readable: readable)
            let set = WordCache.set(words.start, key)
            if target.used <= target.limit, let slot = WordCache.find(set, key) {
                // In bounds: used <= capacity - 4. Slots are aligned to 32 bytes, ids to 4.
                let place = UnsafeMutableRawPointer(target.ids + target.used)
                place.storeBytes(
                    of: slot.load(fromByteOffset: 16, as: UInt64.self), as: UInt64.self)
                place.storeBytes(
                    of: slot.load(fromByteOffset: 24, as: Int32.self), toByteOffset: 8,
                    as: Int32.self)
                target.used &+= Int(slot.load(fromByteOffset: 28, as: Int32.self))
                return
            }
            out.count = target.used
            encodeNewWord(UnsafeBufferPointer(start: word, count: length), model, set, key)
        } else {
            out.count = target.used
            encodeLongWord(UnsafeBufferPointer(start: word, count: length), model)
        }
        target = Target(out)
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
