import CSwiftletUnicode
import SwiftletBytes

/// A step of a pre-tokenizer that splits text and changes none of it.
enum SplitStep: Sendable {
    /// `Split`.
    case pattern(PatternSplit)
    /// `Digits`: numbers of any script, also ² and ½.
    case digits(areIndividual: Bool)
    /// `Punctuation`.
    case punctuation(SplitBehavior)
    /// `Whitespace`: `\w+|[^\w\s]+`.
    case words
    /// `WhitespaceSplit`.
    case whitespace
    /// `BertPreTokenizer`: white space, then punctuation.
    case bert
    /// `CharDelimiterSplit`.
    case delimiter(UInt32)
    /// `UnicodeScripts`.
    case scripts
    /// `FixedLength`, in characters.
    case fixedLength(Int)

    /// Appends the pieces of a part of `text`, none of them empty, to `pieces`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit``.
    func cut(
        _ text: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, into pieces: inout [Range<Int>]
    ) throws(SwiftletError) {
        switch self {
        case .pattern(let split): try split.cut(text, part, into: &pieces)
        case .digits(let areIndividual):
            Self.cut(text, part, areIndividual ? .isolated : .contiguous, into: &pieces) {
                swiftlet_reference_class($0) & UInt8(SWIFTLET_REFERENCE_NUMERIC) != 0
            }
        case .punctuation(let behavior):
            Self.cut(text, part, behavior, into: &pieces, at: Self.isPunctuation)
        case .whitespace: Self.cut(text, part, .removed, into: &pieces, at: Self.isSpace)
        case .delimiter(let delimiter):
            Self.cut(text, part, .removed, into: &pieces) { $0 == delimiter }
        case .bert:
            var words: [Range<Int>] = []
            Self.cut(text, part, .removed, into: &words, at: Self.isSpace)
            for word in words {
                Self.cut(text, word, .isolated, into: &pieces, at: Self.isPunctuation)
            }
        case .words: Self.cutWords(text, part, into: &pieces)
        case .scripts: Self.cutScripts(text, part, into: &pieces)
        case .fixedLength(let length): Self.cut(text, part, every: length, into: &pieces)
        }
    }

    /// What a user should know about the step; nil if it is fast.
    var note: String? {
        if case .pattern(let split) = self { split.pattern.note } else { nil }
    }

    private static func isSpace(_ code: UInt32) -> Bool { CharacterClass(code) == .space }

    private static func isPunctuation(_ code: UInt32) -> Bool {
        swiftlet_reference_class(code) & UInt8(SWIFTLET_REFERENCE_PUNCTUATION) != 0
    }

    // MARK: Cutting

    /// Splits a part at each character that `isMatch` returns true for.
    @inline(__always)
    private static func cut(
        _ text: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, _ behavior: SplitBehavior,
        into pieces: inout [Range<Int>], at isMatch: (UInt32) -> Bool
    ) {
        guard let base = text.baseAddress else { return }
        var matches: [Range<Int>] = []
        var position = part.lowerBound
        while position < part.upperBound {
            let (code, length) = CheckedUTF8.decode(base, position, part.upperBound)
            if isMatch(code) {
                let start = position - part.lowerBound
                matches.append(start..<start + length)
            }
            position += length
        }
        guard !matches.isEmpty else {
            if !part.isEmpty { pieces.append(part) }
            return
        }
        behavior.cut(part, at: matches, into: &pieces)
    }

    private static func cutWords(
        _ text: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, into pieces: inout [Range<Int>]
    ) {
        guard let base = text.baseAddress else { return }
        enum Kind { case space, word, other }
        var start = part.lowerBound
        var last = Kind.space
        var position = start
        while position < part.upperBound {
            let (code, length) = CheckedUTF8.decode(base, position, part.upperBound)
            let kind: Kind =
                CharacterClass.isWord(code) ? .word : isSpace(code) ? .space : .other
            if kind != last {
                if last != .space { pieces.append(start..<position) }
                start = position
                last = kind
            }
            position += length
        }
        if last != .space { pieces.append(start..<part.upperBound) }
    }

    /// Splits where the group of scripts changes; what precedes the first character that has one is
    /// removed, as the reference does.
    private static func cutScripts(
        _ text: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, into pieces: inout [Range<Int>]
    ) {
        guard let base = text.baseAddress else { return }
        var last: UInt8 = 0
        var start: Int?
        var position = part.lowerBound
        while position < part.upperBound {
            let (code, length) = CheckedUTF8.decode(base, position, part.upperBound)
            let script = swiftlet_script(code)
            if script != 0, script != last {
                if let start { pieces.append(start..<position) }
                start = position
                last = script
            }
            position += length
        }
        if let start { pieces.append(start..<part.upperBound) }
    }

    private static func cut(
        _ text: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, every length: Int,
        into pieces: inout [Range<Int>]
    ) {
        var start = part.lowerBound
        var count = 0
        for position in part where text[position] & 0xC0 != 0x80 {
            if count == length {
                pieces.append(start..<position)
                start = position
                count = 0
            }
            count += 1
        }
        if start < part.upperBound { pieces.append(start..<part.upperBound) }
    }
}
