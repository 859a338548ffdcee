/// How text is split into words, across which BPE does not merge.
///
/// Each pattern in use has a hand-written scanner, which is chosen by the text of the pattern. A
/// pattern without a scanner is a ``PatternSplit``.
enum PreTokenizer: Sendable {
    /// GPT-2's pattern, ``GPT2Scanner``.
    case gpt2
    /// cl100k's pattern with single digits, as in Qwen: ``CL100KScanner``.
    case qwen
    /// cl100k's pattern with up to three digits per word.
    case cl100k
    /// The whole text is one word (`use_regex: false`).
    case whole

    /// The scanner of a regular expression; nil if there is none.
    init?(pattern: String) {
        guard let known = Self.patterns[pattern] else { return nil }
        self = known
    }

    /// The spellings of patterns found in files.
    ///
    /// Those with the same scanner match the same words: a possessive quantifier makes no
    /// difference where backtracking cannot help, and `\s*[\r\n]` ends at the last newline just as
    /// `\s*[\r\n]+` does.
    private static let patterns: [String: PreTokenizer] = [
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
        #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
        #"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"#: .gpt2,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#:
            .qwen,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#:
            .cl100k,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#:
            .cl100k,
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#:
            .cl100k,
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"#:
            .cl100k,
    ]
}

/// Finds the words of a text.
protocol WordScanner {
    /// Returns the end of the word that begins at `start`.
    ///
    /// - Parameters:
    ///   - text: Well-formed UTF-8, of which only bytes `start..<end` may be read.
    ///   - start: The beginning of a word, below `end`.
    ///   - end: The end of the text.
    /// - Returns: More than `start`, at most `end`.
    static func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int

    /// Finds where words begin in a block that begins with a word.
    ///
    /// Only the bits in ``ASCIIBlock/certain`` are meaningful, and of these the first may be 0.
    ///
    /// - Parameters:
    ///   - block: The block.
    ///   - text: Its text, ``ASCIIBlock/readable`` bytes.
    /// - Returns: One bit per byte, the first byte at the lowest bit.
    static func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64
}

/// The scanner of ``PreTokenizer/whole``.
enum WholeScanner: WordScanner {
    @inline(__always)
    static func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int { end }

    @inline(__always)
    static func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64 { 0 }
}
