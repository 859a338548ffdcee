import CSwiftletUnicode

/// A hand-written matcher for the splits of DeepSeek's first models, which cut a text into lines and
/// each line into letters and punctuation, with one white space before them, and what is between.
///
/// DeepSeek Coder:
///
/// ```
/// [\r\n]
/// \s?\p{L}+
/// \s?\p{P}+
/// [一-龥ࠀ-一가-퟿]+
/// Digits, each on its own
/// ```
///
/// DeepSeek LLM has lists of characters instead of the two properties (``DeepSeekLetters``), and a
/// further split before Han characters, `\s+$`. Each split divides the pieces that the ones before
/// it made; since the list of punctuation has ASCII letters, it divides them from other letters.
/// What no split matches is a piece, too.
enum LineScanner: WordScanner {
    case coder
    case llm

    /// What the first splits distinguish.
    private enum Kind {
        case newline
        case letter
        case mark
        /// None of these: white space, digits, and what no split matches.
        case rest
    }

    @inline(__always)
    func block(_ text: UnsafePointer<UInt8>, left: Int) -> ASCIIBlock {
        // White space at the end of a piece is cut off what is before it, which of ASCII can only
        // be a control character.
        ASCIIBlock(
            text, left: left,
            unknown: self == .llm ? swiftlet_classify_more64(text).unprintable : 0)
    }

    @inline(__always)
    func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64 {
        let more = swiftlet_classify_more64(text)
        let marks =
            self == .llm ? block.others : block.others & ~(more.symbols | more.unprintable)
        let blanks = block.whites & ~block.newlines
        return Self.runs(block.letters, after: blanks) | Self.runs(marks, after: blanks)
            | block.newlines | block.newlines &<< 1 | block.digits | block.digits &<< 1
    }

    /// Where runs begin, with one blank before them, and where they end.
    @inline(__always)
    private static func runs(_ mask: UInt64, after blanks: UInt64) -> UInt64 {
        let starts = mask & ~(mask &<< 1)
        let afterBlank = starts & (blanks &<< 1)
        return starts & ~afterBlank | afterBlank &>> 1 | ~mask & (mask &<< 1)
    }

    private func kind(_ code: UInt32) -> Kind {
        if code == 0x0A || code == 0x0D { return .newline }
        switch self {
        case .coder:
            let category = CharacterCategory(code)
            if category.contains(.letter) { return .letter }
            return category.contains(.punctuation) ? .mark : .rest
        case .llm:
            if DeepSeekLetters.contains(code) { return .letter }
            return DeepSeekLetters.isMark(code) ? .mark : .rest
        }
    }

    private func kind(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int) -> Kind? {
        position < end ? kind(CheckedUTF8.decode(text, position, end).code) : nil
    }

    /// The kind of the run that begins at `position`, to which white space before it belongs; nil if
    /// there is none.
    ///
    /// An ideographic space is in DeepSeek LLM's list of punctuation, unless it belongs to letters.
    private func runKind(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int) -> Kind? {
        guard let kind = kind(text, position, end), kind == .letter || kind == .mark else {
            return nil
        }
        guard kind == .mark, isSpace(text, position, end) else { return kind }
        let next = position + CheckedUTF8.decode(text, position, end).length
        return self.kind(text, next, end) == .letter ? nil : kind
    }

    private static func isHan(_ code: UInt32) -> Bool {
        0x0800...0x9FA5 ~= code || 0xAC00...0xD7FF ~= code
    }

    @inline(never)
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        let (code, length) = CheckedUTF8.decode(text, start, end)
        let next = start + length
        let kind = kind(code)
        let category = CharacterClass(code, knowsNewerNumbers: true)
        if kind == .newline || category == .number { return next }
        if kind == .letter { return run(of: .letter, text, start, next, end) }
        if category == .space {
            if let following = runKind(text, next, end) {
                return run(of: following, text, start, next, end)
            }
        }
        if kind == .mark { return run(of: .mark, text, start, next, end) }
        return restEnd(text, start, end)
    }

    /// The end of the first word of a run of letters or marks, which continues at `next`.
    private func run(
        of kind: Kind, _ text: UnsafePointer<UInt8>, _ start: Int, _ next: Int, _ end: Int
    ) -> Int {
        let first = CheckedUTF8.decode(text, start, end).code
        let isHan = Self.isHan(first)
        // DeepSeek LLM's list of punctuation divides letters.
        let isDivided = kind == .letter && self == .llm
        var isMark: Bool? = DeepSeekLetters.isMark(first)
        // White space belongs to what follows it, if it is not in the list.
        if isMark == false, isSpace(text, start, end) { isMark = nil }
        var position = next
        // Where the white space at the end of the run begins, which DeepSeek LLM cuts off.
        var space = isSpace(text, start, end) ? start : Int.max
        var cut = Int.max
        while position < end {
            let (code, length) = CheckedUTF8.decode(text, position, end)
            guard self.kind(code) == kind else { break }
            if Self.isHan(code) != isHan { cut = min(cut, position) }
            if isDivided {
                let isOther = DeepSeekLetters.isMark(code)
                if let isMark, isMark != isOther { cut = min(cut, position) }
                isMark = isOther
            }
            // Beyond the cut only white space can matter, and only if it does to the end.
            let isSpace = CharacterClass(code) == .space
            // White space directly before letters belongs to them.
            if isSpace, self.kind(text, position + length, end) == .letter { break }
            if cut < Int.max, !isSpace { return cut }
            if !isSpace { space = Int.max } else { space = min(space, position) }
            position &+= length
        }
        if self == .llm, space > start { cut = min(cut, space) }
        return min(cut, position)
    }

    private func isSpace(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int) -> Bool {
        position < end
            && CharacterClass(CheckedUTF8.decode(text, position, end).code) == .space
    }

    /// The end of the first word of what is between matches, at `start`.
    private func restEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        let isHan = Self.isHan(CheckedUTF8.decode(text, start, end).code)
        var position = start
        // Where the white space at the end of the piece begins.
        var space = Int.max
        var cut = Int.max
        while position < end {
            let (code, length) = CheckedUTF8.decode(text, position, end)
            guard kind(code) == .rest else { break }
            let category = CharacterClass(code, knowsNewerNumbers: true)
            if category == .number || Self.isHan(code) != isHan { cut = min(cut, position) }
            if category == .space {
                // White space directly before letters or marks belongs to them.
                if runKind(text, position + length, end) != nil { break }
                space = min(space, position)
            } else {
                if cut < Int.max { return cut }
                space = Int.max
            }
            position &+= length
        }
        if self == .llm, space > start { cut = min(cut, space) }
        return min(cut, position)
    }
}
