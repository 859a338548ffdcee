import CSwiftletUnicode

/// A set of strings whose leftmost, and among those longest, occurrences are found in a text.
///
/// A text is searched for the bytes that tokens begin with, two at a time if all of them begin with
/// the same two, which is the usual case. The trie is walked only from there, so that a text
/// without tokens costs a single fast pass. ``TokenMatches`` does the search.
final class TokenTrie: Sendable {
    /// How to search a text for places where a token may begin.
    private enum Search {
        /// There are no tokens.
        case none
        /// All tokens begin with these two bytes.
        case pair(UInt8, UInt8)
        /// All tokens begin with this byte.
        case byte(UInt8)
        /// Tokens begin with several different bytes.
        case table
    }

    /// The strings and the numbers that matches report.
    private let strings: [(bytes: [UInt8], entry: Int32)]
    private let trie: ByteTrie
    private let search: Search
    /// What finds the strings, read backwards, in a text that is read backwards.
    private let backwards = LazyValue<SuffixLinks?>()

    /// An empty trie to share.
    static let empty = TokenTrie([[UInt8]]())

    /// A trie of strings; a match reports the index of its string.
    convenience init(_ strings: [[UInt8]]) {
        self.init(strings.enumerated().map { ($1, $0) })
    }

    /// A trie of strings; a match reports the number given with its string.
    init(_ strings: [(bytes: [UInt8], entry: Int)]) {
        self.strings = strings.map { ($0.bytes, Int32(truncatingIfNeeded: $0.entry)) }
        trie = Self.trie(self.strings) ?? ByteTrie()
        let beginnings = Set(strings.map { Array($0.bytes.prefix(2)) }).filter { !$0.isEmpty }
        let firsts = Set(beginnings.compactMap(\.first))
        if let pair = beginnings.first, beginnings.count == 1, pair.count == 2 {
            search = .pair(pair[0], pair[1])
        } else if let first = firsts.first, firsts.count == 1 {
            search = .byte(first)
        } else {
            search = firsts.isEmpty ? .none : .table
        }
    }

    private static func trie(_ strings: [(bytes: [UInt8], entry: Int32)]) -> ByteTrie? {
        var bytes: [UInt8] = []
        for string in strings { bytes += string.bytes }
        return bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            return ByteTrie(
                strings.map { string in
                    defer { start += string.bytes.count }
                    return (
                        UnsafeBufferPointer(rebasing: bytes[start..<start + string.bytes.count]),
                        string.entry
                    )
                })
        }
    }

    /// The places of the strings in a text, which must outlive them.
    func matches(in text: UnsafePointer<UInt8>, count: Int) -> TokenMatches {
        TokenMatches(self, text, count)
    }

    // MARK: One place

    /// Whether a string may begin with a byte.
    @inline(__always)
    func mayBegin(with byte: UInt8) -> Bool { trie.root(byte) >= 0 }

    /// The next position where a string may begin; `end` if there is none.
    @inline(__always)
    func candidate(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        switch search {
        case .none: return end
        case .pair(let first, let second):
            return from + swiftlet_find_pair(text + from, end - from, first, second)
        case .byte(let first): return from + swiftlet_find_byte(text + from, end - from, first)
        case .table: return trie.firstRoot(in: text, at: from, end)
        }
    }

    /// The longest string at `position`, which is before `end`, and the number of bytes that were
    /// looked at to find it.
    @inline(__always)
    func walk(
        _ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int
    ) -> (match: TokenMatches.Match?, walked: Int) {
        var match: TokenMatches.Match?
        let walked = trie.forEachString(in: text, at: position, end) {
            match = TokenMatches.Match(entry: Int($0), range: position..<$1)
        }
        return (match, walked)
    }

    // MARK: All places

    /// For each place in `from..<end` the index of the longest string that begins there; -1 if none
    /// does.
    ///
    /// A string that begins at a place ends there when the text is read backwards. So the
    /// automaton of the reversed strings finds it, and each byte is looked at once.
    func longestStrings(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> [Int32] {
        var longest = [Int32](repeating: -1, count: end - from)
        let made = backwards.get {
            let strings = strings.enumerated().map {
                (bytes: [UInt8]($1.bytes.reversed()), entry: Int32(truncatingIfNeeded: $0))
            }
            return Self.trie(strings).map { SuffixLinks($0) }
        }
        guard let links = made else { return longest }
        var state = 0
        for index in longest.indices.reversed() {
            state = links.next(state, text[from + index])
            longest[index] = links.entry(links.match(state))
        }
        return longest
    }

    /// The string of an index: the number that its matches report, and its length.
    func string(_ index: Int32) -> (entry: Int, length: Int) {
        let string = strings[Int(index)]
        return (Int(string.entry), string.bytes.count)
    }
}
