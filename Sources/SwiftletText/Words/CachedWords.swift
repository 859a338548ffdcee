import CSwiftletUnicode

/// Splits text into words that are encoded independently, and knows the ids of a word.
protocol WordSource {
    /// Returns the end of the word that begins at `start`.
    ///
    /// - Parameters:
    ///   - text: Well-formed UTF-8, of which only bytes `start..<end` may be read.
    ///   - start: The beginning of a word, below `end`.
    ///   - end: The end of the text.
    /// - Returns: More than `start`, at most `end`.
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int

    /// Finds the words that begin in the 64 bytes at `text`, where a word begins, one bit per byte.
    ///
    /// Only certain beginnings are reported: up to the highest bit set, words begin where bits are
    /// set and nowhere else. The end of the text counts as a beginning; the lowest bit is
    /// undefined.
    ///
    /// - Parameters:
    ///   - text: ``ASCIIBlock/readable`` bytes.
    ///   - left: The number of bytes left in the text, at least one.
    /// - Returns: The beginnings, the first byte at the lowest bit.
    func certainStarts(_ text: UnsafePointer<UInt8>, left: Int) -> UInt64

    /// Appends the ids of a word, at most one per byte. They depend on nothing but its bytes.
    func encode(_ word: UnsafeBufferPointer<UInt8>, into out: IDBuffer)
}

/// Encodes text word by word, and caches the ids of words.
final class CachedWords {
    private let words = WordCache()
    /// The last bytes of a text, with room to read a whole block from each of them on.
    private let tail = FixedBuffer<UInt8>(repeating: 0, count: 2 * ASCIIBlock.readable)
    /// The words found but not yet looked up.
    private let found = FixedBuffer(repeating: swiftlet_found_word(), count: foundCapacity)
    private static let foundCapacity = 256
    private let longWords = LongWordCache()

    /// Appends the ids of a text.
    @inline(__always)
    func encode<Source: WordSource>(
        _ stretch: UnsafeBufferPointer<UInt8>, _ source: Source, into out: IDBuffer
    ) {
        guard var text = stretch.baseAddress else { return }
        let table = words.start.assumingMemoryBound(to: UInt8.self)
        let found = self.found.start
        var end = stretch.count
        // The end of what may be read.
        var limit = end
        var start = 0
        var count = 0
        while start < end {
            if limit &- start < ASCIIBlock.readable {
                // Too few bytes are left for a block: they are copied to where a whole block can be
                // read. In bounds: fewer than a block's bytes are left.
                let rest = tail.start
                rest.update(from: text + start, count: end &- start)
                text = UnsafePointer(rest)
                end &-= start
                start = 0
                limit = tail.count
            }
            // A block has at most 63 words.
            if count > Self.foundCapacity &- 64 {
                appendWords(count, source, into: out)
                count = 0
            }
            // One block at a time: all of its words are found at once.
            let starts = source.certainStarts(text + start, left: end &- start) & ~1
            if starts != 0 {
                count &+= swiftlet_find_words(
                    text + start, starts, found + count, table, WordCache.setBits)
                // The last word found ends where the next block begins.
                start &+= 63 &- starts.leadingZeroBitCount
                continue
            }
            let wordEnd = source.wordEnd(text, start, end)
            let length = wordEnd &- start
            if length <= LongWordCache.longestWord {
                // In bounds: a block is readable.
                swiftlet_find_word(
                    text + start, length, found + count, table, WordCache.setBits)
                count &+= 1
            } else {
                appendWords(count, source, into: out)
                count = 0
                source.encode(
                    UnsafeBufferPointer(start: text + start, count: length), into: out)
            }
            start = wordEnd
        }
        appendWords(count, source, into: out)
    }

    /// Appends the ids of the first `count` words found.
    private func appendWords<Source: WordSource>(
        _ count: Int, _ source: Source, into out: IDBuffer
    ) {
        let table = words.start.assumingMemoryBound(to: UInt8.self)
        let found = self.found.start
        var index = 0
        while true {
            // In bounds: room for three ids per word, and one more.
            out.reserve(3 &* (count &- index) &+ 4)
            index = swiftlet_append_words(found, index, count, table, out.start, &out.count)
            guard index < count else { return }
            encodeNewWord(found[index], source, into: out)
            index &+= 1
        }
    }

    /// Encodes a word that the first cache does not have.
    @inline(never)
    private func encodeNewWord<Source: WordSource>(
        _ word: swiftlet_found_word, _ source: Source, into out: IDBuffer
    ) {
        let first = out.count
        encodeLongWord(
            UnsafeBufferPointer(start: word.word, count: Int(word.length)), source, into: out)
        let count = out.count - first
        if word.set != SWIFTLET_NO_SET, count <= WordCache.maximumIDCount {
            // In bounds: ids `first` to `first + count` are in use.
            words.insert(word, out.start + first, count: count)
        }
    }

    /// Encodes a word of up to ``LongWordCache/longestWord`` bytes.
    private func encodeLongWord<Source: WordSource>(
        _ word: UnsafeBufferPointer<UInt8>, _ source: Source, into out: IDBuffer
    ) {
        let slot = LongWordCache.slot(word)
        if longWords.append(word, slot: slot, to: out) { return }
        let first = out.count
        source.encode(word, into: out)
        longWords.insert(word, slot: slot, out, from: first)
    }
}
