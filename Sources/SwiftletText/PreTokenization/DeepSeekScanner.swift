import CSwiftletUnicode

/// A hand-written matcher for the three splits of DeepSeek V3, R1 and of models that adopted them.
///
/// ```
/// \p{N}{1,3}
/// [一-龥぀-ゟ゠-ヿ]+
/// [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
///  ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
/// ```
///
/// Numbers, and Han characters with kana, are cut off first, so white space before them ends there;
/// the last split divides what is cut off, too. ASCII is split as in ``CL100KScanner`` without
/// contractions. Control characters and unassigned ones match nothing: what lies between two
/// matches is one word.
struct DeepSeekScanner: WordScanner, Equatable {
    /// How digits are cut.
    var digits = DigitRuns.three

    @inline(__always)
    func block(_ text: UnsafePointer<UInt8>, left: Int) -> ASCIIBlock {
        ASCIIBlock(text, left: left, unknown: swiftlet_classify_more64(text).unprintable)
    }

    @inline(__always)
    func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64 {
        CL100KScanner(contraction: .none, digits: digits, cutsDigitsFirst: true)
            .starts(block, text)
    }

    @inline(never)
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        let (code, length) = CheckedUTF8.decode(text, start, end)
        if CharacterCategory(code).contains(.number) {
            return CharacterRun.end(.number, text, start + length, end, atMost: digits.more)
        }
        return DeepSeekPiece(text, start, end).wordEnd()
    }
}

/// A piece that the first two splits of ``DeepSeekScanner`` make, from the beginning of a word on.
private struct DeepSeekPiece {
    /// What decides how a character may continue a word.
    private enum Kind {
        /// A letter or a mark.
        case letter
        /// Punctuation or a symbol.
        case punctuation
        case space
        /// What no split matches, unless letters follow.
        case unmatched
        /// A character of another piece, or the end of the text.
        case end
    }

    private let text: UnsafePointer<UInt8>
    private let start: Int
    private let end: Int
    /// Whether the piece is one of Han characters and kana.
    private let isHan: Bool

    init(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
        (self.text, self.start, self.end) = (text, start, end)
        isHan = Self.isHanOrKana(CheckedUTF8.decode(text, start, end).code)
    }

    private static func isHanOrKana(_ code: UInt32) -> Bool {
        0x4E00...0x9FA5 ~= code || 0x3040...0x30FF ~= code
    }

    /// The kind of the character at `position`, which may be the end of the text, and where the
    /// next one begins.
    private func kind(at position: Int) -> (kind: Kind, next: Int) {
        guard position < end else { return (.end, end) }
        let (code, length) = CheckedUTF8.decode(text, position, end)
        let next = position &+ length
        let category = CharacterCategory(code)
        if category.contains(.number) || Self.isHanOrKana(code) != isHan { return (.end, next) }
        if category.isAny(of: [.letter, .mark]) { return (.letter, next) }
        if category.isAny(of: [.punctuation, .symbol]) { return (.punctuation, next) }
        return (category.contains(.space) ? .space : .unmatched, next)
    }

    /// The end of the run of `kind` at `from`.
    private func runEnd(_ kind: Kind, _ from: Int) -> Int {
        var position = from
        while true {
            let here = self.kind(at: position)
            guard here.kind == kind else { return position }
            position = here.next
        }
    }

    /// The end of the word at the beginning.
    func wordEnd() -> Int {
        let (kind, next) = kind(at: start)
        let first = text[start]
        if kind == .letter { return runEnd(.letter, next) }
        if kind == .punctuation {
            guard first < 0x80, next < end, isASCIILetter(text[next]) else {
                return punctuationEnd(next)
            }
            var position = next + 1
            while position < end, isASCIILetter(text[position]) { position += 1 }
            return position
        }
        if first != 0x0A, first != 0x0D {
            let following = self.kind(at: next).kind
            if following == .letter { return runEnd(.letter, next) }
            if following == .punctuation, first == 0x20 { return punctuationEnd(next) }
        }
        guard kind == .space else { return unmatchedEnd(next) }
        let run = CharacterRun.spaces(text, start, end)
        return run.firstWordEnd(from: start, isLast: self.kind(at: run.end).kind == .end)
    }

    @inline(__always)
    private func isASCIILetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    /// The end of a run of punctuation and symbols and of the newlines after it.
    private func punctuationEnd(_ from: Int) -> Int {
        var position = runEnd(.punctuation, from)
        guard !isHan else { return position }
        while position < end, text[position] == 0x0A || text[position] == 0x0D { position += 1 }
        return position
    }

    /// Where the next match after unmatched characters begins.
    private func unmatchedEnd(_ from: Int) -> Int {
        var position = from
        while true {
            let (kind, next) = kind(at: position)
            guard kind == .unmatched, self.kind(at: next).kind != .letter else { return position }
            position = next
        }
    }
}
