import CSwiftletUnicode

/// What one encoding call at a time needs and the next one can use again: caches, scratch memory and
/// the ids made so far.
///
/// A tokenizer keeps a few of these and lends each to one call at a time, so no lock is taken while
/// encoding. A cached entry holds the ids of one word; nothing longer is remembered.
final class RunEncoder: StretchEncoder {
    let out = IDBuffer(capacity: 4096)
    private let model: ByteLevelModel
    private let words = WordCache()
    /// The last bytes of a text, with room for a block from each of them on.
    private let tail = FixedBuffer<UInt8>(repeating: 0, count: 2 * ASCIIBlock.readable)
    /// The words of a block, or one.
    private let found = FixedBuffer(
        repeating: FoundWord(
            key: WordCache.Key(low: 0, high: 0), set: nil, start: 0, length: 0), count: 64)
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
        _ text: UnsafePointer<UInt8>, _ end: Int, _ scanner: Scanner.Type, _ model: BytePairModel
    ) {
        let maker = WordCache.KeyMaker()
        var text = text
        var end = end
        // How far may be read.
        var limit = end
        var start = 0
        while start < end {
            if limit &- start < ASCIIBlock.readable {
                // The last bytes are read where a whole block can be.
                // In bounds: fewer than a block's bytes are left.
                let rest = tail.start
                rest.update(from: text + start, count: end &- start)
                text = UnsafePointer(rest)
                end &-= start
                start = 0
                limit = tail.count
            }
            if text[start] < 0x80 {
                let block = ASCIIBlock(text + start, left: end &- start)
                let starts =
                    (Scanner.starts(block, text + start) | block.last &<< 1) & block.certain & ~1
                if starts != 0 {
                    let count = findWords(text + start, starts, maker)
                    appendWords(text + start, count, model)
                    // The last word found ends where the next block begins.
                    start &+= 63 &- starts.leadingZeroBitCount
                    continue
                }
            }
            let wordEnd = Scanner.wordEnd(text, start, end)
            let word = text + start
            let length = wordEnd &- start
            if length <= WordCache.longestWord {
                // In bounds: a block is readable.
                let key = maker.key(word, length)
                found.start[0] = FoundWord(
                    key: key, set: WordCache.set(words.start, key), start: 0,
                    length: UInt32(truncatingIfNeeded: length))
                appendWords(word, 1, model)
            } else {
                encodeLongWord(UnsafeBufferPointer(start: word, count: length), model)
            }
            start = wordEnd
        }
    }

    /// A word with its place in the cache, computed before it is looked up, so that the cache lines
    /// of all words of a block are on their way at once.
    private struct FoundWord: BitwiseCopyable {
        var key: WordCache.Key
        /// The set of a word that the cache can hold; nil for longer ones.
        var set: UnsafeMutableRawPointer?
        /// Where it begins in the block, and its length.
        var start: UInt32
        var length: UInt32
    }

    /// Finds the words between the beginnings that are set in `starts`, the first at `text` itself;
    /// at most 63. Returns their number.
    @inline(__always)
    private func findWords(
        _ text: UnsafePointer<UInt8>, _ starts: UInt64, _ maker: WordCache.KeyMaker
    ) -> Int {
        let table = words.start
        var rest = starts
        var from = 0
        var count = 0
        while rest != 0 {
            let to = rest.trailingZeroBitCount
            rest &= rest &- 1
            let length = to &- from
            // In bounds: a block has 16 readable bytes behind it; longer words get a key too, of
            // no meaning, from the last of the masks.
            let key = maker.key(text + from, min(length, WordCache.longestWord))
            let set = WordCache.set(table, key)
            swiftlet_prefetch(set)
            // In bounds: one word at most a bit.
            found.start[count] = FoundWord(
                key: key, set: length <= WordCache.longestWord ? set : nil,
                start: UInt32(truncatingIfNeeded: from),
                length: UInt32(truncatingIfNeeded: length))
            count &+= 1
            from = to
        }
        return count
    }

    /// Appends the ids of the first `count` words found, which lie at `text`.
    @inline(__always)
    private func appendWords(
        _ text: UnsafePointer<UInt8>, _ count: Int, _ model: BytePairModel
    ) {
        // Each word writes three ids at once, whatever their number.
        out.reserve(3 &* count &+ 4)
        var ids = out.start
        var used = out.count
        for index in 0..<count {
            let word = found.start[index]
            if let set = word.set, let slot = WordCache.find(set, word.key) {
                // In bounds: reserved. Slots are aligned to 32 bytes, ids to 4.
                let place = UnsafeMutableRawPointer(ids + used)
                place.storeBytes(
                    of: slot.load(fromByteOffset: 16, as: UInt64.self), as: UInt64.self)
                place.storeBytes(
                    of: slot.load(fromByteOffset: 24, as: Int32.self), toByteOffset: 8,
                    as: Int32.self)
                used &+= Int(slot.load(fromByteOffset: 28, as: Int32.self))
                continue
            }
            out.count = used
            let bytes = UnsafeBufferPointer(
                start: text + Int(word.start), count: Int(word.length))
            if let set = word.set {
                encodeNewWord(bytes, model, set, word.key)
            } else {
                encodeLongWord(bytes, model)
            }
            out.reserve(3 &* (count &- index) &+ 4)
            ids = out.start
            used = out.count
        }
        out.count = used
    }

    /// A word that is short enough for the first cache and not in it.
    @inline(never)
    private func encodeNewWord(
        _ word: UnsafeBufferPointer<UInt8>, _ model: BytePairModel,
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
        _ word: UnsafeBufferPointer<UInt8>, _ model: BytePairModel
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
