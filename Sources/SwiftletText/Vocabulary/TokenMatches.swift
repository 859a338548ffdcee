/// The places of a trie's strings in one text.
///
/// Walking the trie from every place where a string may begin is fastest for the tokens that
/// vocabularies have, but a string like `aaa…ab` makes it take the square of a text's length. So
/// the bytes that walks look at are counted. When they are many more than the text has, the longest
/// string at each of the remaining places is found in a single pass backwards. The time is thereby
/// linear in the length of the text, whatever the strings are; the pass takes four bytes of memory
/// for each byte.
struct TokenMatches {
    /// An occurrence of a string.
    struct Match: Equatable {
        /// The number given with the string.
        var entry: Int
        var range: Range<Int>
    }

    private let trie: TokenTrie
    private let text: UnsafePointer<UInt8>
    private let count: Int
    /// The number of bytes that walks may still look at.
    private var left: Int
    /// The index of the longest string at each place from `start` on, once they are known.
    private var longest: [Int32] = []
    private var start: Int

    /// How often walks may look at each byte, on average, and the number of looks that are few.
    private static let looks = (perByte: 32, few: 1024)

    /// The matches in a text, which must outlive this value.
    ///
    /// - Parameters:
    ///   - trie: The strings.
    ///   - text: The text.
    ///   - count: The number of bytes of the text.
    ///   - looks: How many bytes walks may look at.
    init(_ trie: TokenTrie, _ text: UnsafePointer<UInt8>, _ count: Int, looks: Int? = nil) {
        (self.trie, self.text, self.count) = (trie, text, count)
        left = looks ?? Self.looks.few + Self.looks.perByte * count
        start = count
    }

    /// The leftmost match that begins at `from` or after it, and of those that begin there the
    /// longest.
    ///
    /// - Parameter from: A place in the text, not before the end of the match that was found last.
    /// - Returns: The match; nil if there is none.
    mutating func first(from: Int) -> Match? {
        var position = from
        while true {
            if position >= start { return known(from: position) }
            position = trie.candidate(text, position, count)
            guard position < count else { return nil }
            if let match = walk(position) { return match }
            position += 1
        }
    }

    /// The length of the longest string that begins at a place.
    ///
    /// - Parameter position: A place in the text, not before those of earlier calls.
    /// - Returns: The length; nil if no string begins there.
    @inline(__always)
    mutating func length(at position: Int) -> Int? {
        guard position < count, trie.mayBegin(with: text[position]) else { return nil }
        return walk(position)?.range.count
    }

    /// The longest match at `position`, which is before the end of the text.
    @inline(__always)
    private mutating func walk(_ position: Int) -> Match? {
        if position >= start { return known(at: position) }
        let (match, walked) = trie.walk(text, position, count)
        left &-= walked
        if left < 0, longest.isEmpty { findAll(from: position + 1) }
        return match
    }

    @inline(never)
    private mutating func findAll(from position: Int) {
        longest = trie.longestStrings(text, position, count)
        start = position
    }

    private func known(from position: Int) -> Match? {
        var position = position
        while position < count {
            if let match = known(at: position) { return match }
            position += 1
        }
        return nil
    }

    private func known(at position: Int) -> Match? {
        let index = longest[position - start]
        guard index >= 0 else { return nil }
        let (entry, length) = trie.string(index)
        return Match(entry: entry, range: position..<position + length)
    }
}
