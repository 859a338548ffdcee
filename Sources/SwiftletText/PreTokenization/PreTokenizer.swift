/// How text is split into words, across which BPE does not merge.
///
/// Each pattern that is widely used has a hand-written scanner, which ``ScannerRecognition`` chooses. A
/// pattern without a scanner is a ``PatternSplit``.
enum PreTokenizer: Sendable, Equatable {
    /// GPT-2's pattern, alone or after digits are cut off.
    case spaced(GPT2Scanner)
    /// cl100k's pattern and its variants.
    case joined(CL100KScanner)
    /// The patterns of o200k and Tekken.
    case cased(O200KScanner)
    /// The splits of DeepSeek V3.
    case deepSeek(DeepSeekScanner)
    /// The splits of DeepSeek's first models.
    case lines(LineScanner)
    /// The whole text is one word (`use_regex: false`).
    case whole

    /// GPT-2's pattern.
    static let gpt2 = spaced(GPT2Scanner())
    /// cl100k's pattern with single digits, as in Qwen.
    static let qwen = joined(.qwen)
    /// cl100k's pattern with up to three digits per word.
    static let cl100k = joined(.cl100k)
}

/// Finds the words of a text.
protocol WordScanner: Sendable {
    /// Returns the end of the word that begins at `start`.
    ///
    /// - Parameters:
    ///   - text: Well-formed UTF-8, of which only bytes `start..<end` may be read.
    ///   - start: The beginning of a word, below `end`.
    ///   - end: The end of the text.
    /// - Returns: More than `start`, at most `end`.
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int

    /// Classifies the block at `text`, where a word begins, as ``ASCIIBlock/init(_:left:unknown:)``
    /// does; bytes of which ``starts(_:_:)`` knows nothing are unknown.
    func block(_ text: UnsafePointer<UInt8>, left: Int) -> ASCIIBlock

    /// Finds where words begin in a block that begins with a word.
    ///
    /// Only the bits in ``ASCIIBlock/certain`` are meaningful, and of these the first may be 0.
    ///
    /// - Parameters:
    ///   - block: The block.
    ///   - text: Its text, ``ASCIIBlock/readable`` bytes.
    /// - Returns: One bit per byte, the first byte at the lowest bit.
    func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64
}

extension WordScanner {
    @inline(__always)
    func block(_ text: UnsafePointer<UInt8>, left: Int) -> ASCIIBlock {
        ASCIIBlock(text, left: left)
    }
}

/// The scanner of ``PreTokenizer/whole``.
struct WholeScanner: WordScanner {
    @inline(__always)
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int { end }

    @inline(__always)
    func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64 { 0 }
}
