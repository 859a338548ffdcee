import CSwiftletUnicode

/// Cuts text into words that stand alone, and knows the ids of a word.
protocol WordSource {
    /// The end of the word that begins at `start`.
    ///
    /// - Parameters:
    ///   - text: well-formed UTF-8; bytes `start..<end` may be read and no others.
    ///   - start: the beginning of a word, below `end`.
    ///   - end: the end of the text.
    /// - Returns: more than `start`, at most `end`.
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int

    /// Where words begin in the 64 bytes from the beginning of a word on, one bit a byte, as far as
    /// that can be told: no word begins below the highest bit but where there is a bit. The end of
    /// the text counts as a beginning, the lowest bit for nothing.
    ///
    /// - Parameters:
    ///   - text: ``ASCIIBlock/readable`` bytes.
    ///   - left: how many bytes are left of the text, at least one.
    func certainStarts(_ text: UnsafePointer<UInt8>, left: Int) -> UInt64

    /// Appends the ids of a word, at most one a byte; they depend on nothing but its bytes.
    func encode(_ word: UnsafeBufferPointer<UInt8>, into out: IDBuffer)
}

/// Encodes text word by word and remembers the words.
final class CachedWords {
    private let words = WordCache()
    /// The last bytes of a text, with room for a block from each of them on.
    private let tail = FixedBuffer<UInt8>(repeating: 0, count: 2 * ASCIIBlock.readable)
    /// The words found and not yet looked up.
    private let found = FixedBuffer(repeating: swiftlet_found_word(), count: mostFound)
    private static let mostFound = 256
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
                appendWords(count, source, into: out)
                count = 0
            }
            // A block at a time, all of its words found at once.
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
            // In bounds: three ids for each word, and one more.
            out.reserve(3 &* (count &- index) &+ 4)
            index = swiftlet_append_words(found, index, count, table, out.start, &out.count)
            guard index < count else { return }
            encodeNewWord(found[index], source, into: out)
            index &+= 1
        }
    }

    /// A word that is not in the first cache.
    @inline(never)
    private func encodeNewWord<Source: WordSource>(
        _ word: swiftlet_found_word, _ source: Source, into out: IDBuffer
    ) {
        let first = out.count
        encodeLongWord(
            UnsafeBufferPointer(start: word.word, count: Int(word.length)), source, into: out)
        let count = out.count - first
        if word.set != SWIFTLET_NO_SET, count <= WordCache.mostIDs {
            // In bounds: ids `first` to `first + count` are in use.
            words.insert(word, out.start + first, count: count)
        }
    }

    /// A word of up to ``LongWordCache/longestWord`` bytes.
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
