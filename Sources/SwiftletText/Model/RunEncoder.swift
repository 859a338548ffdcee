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
    /// The words found and not yet looked up.
    private let found = FixedBuffer(repeating: swiftlet_found_word(), count: mostFound)
    private static let mostFound = 256
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
        let table = words.start.assumingMemoryBound(to: UInt8.self)
        let found = self.found.start
        var text = text
        var end = end
        // How far may be read.
        var limit = end
        var start = 0
        var count = 0
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
            // A block has 63 words at most.
            if count > Self.mostFound &- 64 {
                appendWords(count, model)
                count = 0
            }
            // ASCII goes a block at a time, all of its words found at once.
            if text[start] < 0x80 {
                let block = ASCIIBlock(text + start, left: end &- start)
                let starts =
                    (Scanner.starts(block, text + start) | block.last &<< 1) & block.certain & ~1
                if starts != 0 {
                    count &+= swiftlet_find_words(
                        text + start, starts, found + count, table, WordCache.setBits)
                    // The last word found ends where the next block begins.
                    start &+= 63 &- starts.leadingZeroBitCount
                    continue
                }
            }
            let wordEnd = Scanner.wordEnd(text, start, end)
            let length = wordEnd &- start
            if length <= LongWordCache.longestWord {
                // In bounds: a block is readable.
                swiftlet_find_word(
                    text + start, length, found + count, table, WordCache.setBits)
                count &+= 1
            } else {
                appendWords(count, model)
                count = 0
                merger.merge(
                    UnsafeBufferPointer(start: text + start, count: length), model, into: out)
            }
            start = wordEnd
        }
        appendWords(count, model)
    }

    /// Appends the ids of the first `count` words found.
    private func appendWords(_ count: Int, _ model: BytePairModel) {
        let table = words.start.assumingMemoryBound(to: UInt8.self)
        let found = self.found.start
        var index = 0
        while true {
            // In bounds: three ids for each word, and one more.
            out.reserve(3 &* (count &- index) &+ 4)
            index = swiftlet_append_words(found, index, count, table, out.start, &out.count)
            guard index < count else { return }
            encodeNewWord(found[index], model)
            index &+= 1
        }
    }

    /// A word that is not in the first cache.
    @inline(never)
    private func encodeNewWord(_ word: swiftlet_found_word, _ model: BytePairModel) {
        let first = out.count
        encodeLongWord(UnsafeBufferPointer(start: word.word, count: Int(word.length)), model)
        let count = out.count - first
        if word.set != SWIFTLET_NO_SET, count <= WordCache.mostIDs {
            // In bounds: ids `first` to `first + count` are in use.
            words.insert(word, out.start + first, count: count)
        }
    }

    /// A word of up to ``LongWordCache/longestWord`` bytes.
    private func encodeLongWord(_ word: UnsafeBufferPointer<UInt8>, _ model: BytePairModel) {
        let slot = LongWordCache.slot(word)
        if longWords.append(word, slot: slot, to: out) { return }
        let first = out.count
        merger.merge(word, model, into: out)
        longWords.insert(word, slot: slot, out, from: first)
    }
}
