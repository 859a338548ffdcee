/// How text is cut into the words that BPE may not merge across.
///
/// Each pattern of the field is one hand-written scanner, chosen by the pattern's text; a pattern
/// without a scanner is refused when the tokenizer is loaded.
enum PreTokenizer: Sendable {
    /// GPT-2's pattern, ``GPT2Scanner``.
    case gpt2
    /// The whole text is one word (`use_regex: false`).
    case whole

    /// The scanner of a regular expression; nil if there is none.
    init?(pattern: String) {
        switch pattern {
        case GPT2Scanner.pattern: self = .gpt2
        default: return nil
        }
    }
}

/// Finds where words end.
protocol WordScanner {
    /// The end of the word that begins at `start`.
    ///
    /// - Parameters:
    ///   - text: well-formed UTF-8; bytes `start..<end` may be read and no others.
    ///   - start: the beginning of a word, below `end`.
    ///   - end: the end of the text.
    /// - Returns: more than `start`, at most `end`.
    static func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int
}

/// The scanner of ``PreTokenizer/whole``.
enum WholeScanner: WordScanner {
    @inline(__always)
    static func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int { end }
}
