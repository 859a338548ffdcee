/// How text is cut into the words that BPE may not merge across.
///
/// Each pattern of the field is one hand-written scanner, chosen by the pattern's text; a pattern
/// without a scanner is a ``PatternSplit``.
enum PreTokenizer: Sendable {
    /// GPT-2's pattern, ``GPT2Scanner``.
    case gpt2
    /// The pattern of cl100k with single digits, as Qwen has it, ``CL100KScanner``.
    case qwen
    /// The pattern of cl100k with up to three digits a word.
    case cl100k
    /// The whole text is one word (`use_regex: false`).
    case whole

    /// The scanner of a regular expression; nil if there is none.
    init?(pattern: String) {
        guard let known = Self.patterns[pattern] else { return nil }
        self = known
    }

    /// The patterns that files spell out. Those of one scanner match the same: a possessive
    /// quantifier changes nothing where no backtracking can help, and one newline at the end of
    /// `\s*` is the last one, as all of them are.
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

/// Finds where words begin and end.
protocol WordScanner {
    /// The end of the word that begins at `start`.
    ///
    /// - Parameters:
    ///   - text: well-formed UTF-8; bytes `start..<end` may be read and no others.
    ///   - start: the beginning of a word, below `end`.
    ///   - end: the end of the text.
    /// - Returns: more than `start`, at most `end`.
    static func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int

    /// Where words begin in a block that begins with a word: right wherever the block is
    /// ``ASCIIBlock/certain``, of no meaning elsewhere. The first bit may be missing.
    ///
    /// - Parameter text: the block's text, ``ASCIIBlock/readable`` bytes.
    static func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64
}

/// The scanner of ``PreTokenizer/whole``.
enum WholeScanner: WordScanner {
    @inline(__always)
    static func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int { end }

    @inline(__always)
    static func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64 { 0 }
}
