/// A hand-written matcher for the pattern of OpenAI's cl100k and of the models that adopted it.
///
/// ```
/// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
/// \s*[\r\n]+|\s+(?!\S)|\s+
/// ```
///
/// The words are contractions in either case; letters, with one character before them that is not a
/// letter, number or newline; numbers; other characters, with a space before and newlines after
/// them; white space up to its last newline; and white space without its last character if more
/// text follows. The properties say how a pattern differs from this one.
struct CL100KScanner: WordScanner, Equatable {
    /// The contractions that are words.
    var contraction = Contraction.anyCase
    /// How digits are cut.
    var digits = DigitRuns.three
    /// Whether digits are cut off before the pattern is matched, so that white space ends there.
    var cutsDigitsFirst = false
    /// Whether a `Digits` step does that.
    var knowsNewerNumbers = false
    /// Whether marks count as letters (`[\p{L}\p{M}]+`): Qwen 3.5.
    var joinsMarks = false
    /// Whether newlines after other characters belong to them.
    var takesNewlines = true
    /// Whether white space at the end of the text is one word, even with newlines (`\s++$`).
    var joinsFinalSpace = false

    /// Finds the words of a block by operations on masks, without a branch per character.
    ///
    /// An example, with the first byte on the left, `1` for a set bit, and up to three digits per
    /// word. The names are those of the code; `all` is the result:
    ///
    /// ```
    /// text         it's␣2024!⏎⇥ok␣⏎␣⏎␣␣a
    /// others       ..1......1...........   the apostrophe and the exclamation mark
    /// afterOther   ..........1..........   the newline after the latter
    /// white        ....1......1..111111.   all white space but that newline
    /// newlines     ...............1.1...   its newlines
    /// blanks       ....1......1..1.1.11.   white space that is not a newline
    /// lastBlanks   ....1......1.......1.   blanks before text
    /// starts       ..1.1....1.1..1....1.   others, runs of white space, and last blanks
    /// flood        ....1......1......11.   last blanks, and the blanks leading to them
    /// starts |=    ..................1..   after the last newline: (newlines << 1) & flood
    /// starts |=    1....................   letters: ok and a have a blank before them, and s an
    ///                                      apostrophe that begins a word
    /// starts |=    .....1..1............   everyThird(digits)
    /// all          1.1.11..11.1..1...11.
    /// ```
    ///
    /// These are the words `it`, `'s`, `␣`, `202`, `4`, `!⏎`, `⇥ok`, `␣⏎␣⏎`, `␣` and `␣a`. Finally,
    /// a contraction ends a word: `'s` sets the bit after it, which here is the space's and is set
    /// already. Where a block does not tell, beyond ASCII and at its end, ``wordEnd(_:_:_:)``
    /// follows a single word to its end.
    @inline(__always)
    func starts(_ block: ASCIIBlock, _ text: UnsafePointer<UInt8>) -> UInt64 {
        // A run of others begins a word, unless there is a space before it.
        let others = block.others & ~(block.others &<< 1) & ~(block.spaces &<< 1)
        // Newlines right after others belong to them. The sum carries through each such run, which
        // clears it.
        let afterOther = block.newlines & (block.others &<< 1)
        let taken = takesNewlines ? block.newlines & ~(block.newlines &+ afterOther) : 0
        let white = block.whites & ~taken
        let newlines = block.newlines & ~taken
        let blanks = block.whites & ~block.newlines
        let lastBlanks = blanks & ~(block.whites &>> 1)
        // White space, and its last blank if text follows: that is a word or begins one.
        let ends = cutsDigitsFirst ? block.last | block.digits &>> 1 : block.last
        var starts = white & ~(white &<< 1) | (lastBlanks & ~ends) | others
        if newlines != 0 {
            // White space is a word up to its last newline. The next word begins after that
            // newline, at a blank from which only blanks lead to the end of the white space.
            starts |= (newlines &<< 1) & Bits.floodDown(lastBlanks, through: blanks)
        }
        // Letters begin a word unless a blank, or an other that begins a word, joins them.
        starts |= block.letters & ~(block.letters &<< 1) & ~((blanks | others) &<< 1)
        starts |= digits.starts(block.digits)
        if joinsFinalSpace, block.last & white != 0 {
            let run = Bits.floodDown(block.last, through: white)
            starts = starts & ~run | run & ~(run &<< 1)
        }
        guard contraction != .none else { return starts }
        var apostrophes = block.contractions(others)
        while apostrophes != 0 {
            let position = apostrophes.trailingZeroBitCount
            apostrophes &= apostrophes &- 1
            // In bounds: 16 bytes after the block are readable. Bits of `starts` beyond 63 are
            // lost.
            let length = contraction.length(text[position &+ 1], text[position &+ 2])
            if length > 0, position &+ length <= block.count {
                starts |= 1 << UInt64(position &+ length)
            }
        }
        return starts
    }

    /// The class of a code point, in which marks may be letters.
    @inline(__always)
    private func kind(_ code: UInt32) -> CharacterClass {
        joinsMarks && CharacterCategory(code).contains(.mark)
            ? .letter : CharacterClass(code, knowsNewerNumbers: knowsNewerNumbers)
    }

    /// The end of the run of `kind` that continues at `from`.
    private func runEnd(
        _ kind: CharacterClass, _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int
    ) -> Int {
        CharacterRun.end(kind, text, from, end, by: self.kind)
    }

    @inline(never)
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        let (code, length) = CheckedUTF8.decode(text, start, end)
        let next = start + length
        switch kind(code) {
        case .letter: return runEnd(.letter, text, next, end)
        case .number:
            return CharacterRun.numbersEnd(
                CharacterClass(code), text, next, end, atMost: digits.more,
                knowsNewerNumbers: knowsNewerNumbers)
        case .space:
            if code != 0x0A, code != 0x0D, next < end {
                switch kind(CheckedUTF8.decode(text, next, end).code) {
                case .letter: return runEnd(.letter, text, next, end)
                case .other where code == 0x20: return othersEnd(text, next, end)
                default: break
                }
            }
            return spaceEnd(text, start, end)
        default:
            if code == 0x27 {
                let length = contraction.length(text, start, end)
                if length > 0 { return start + length }
            }
            if next < end, kind(CheckedUTF8.decode(text, next, end).code) == .letter {
                return runEnd(.letter, text, next, end)
            }
            return othersEnd(text, next, end)
        }
    }

    /// The end of a run of others and the newlines after it.
    private func othersEnd(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        var position = runEnd(.other, text, from, end)
        guard takesNewlines else { return position }
        while position < end, text[position] == 0x0A || text[position] == 0x0D { position += 1 }
        return position
    }

    /// The end of the first word in the white space at `start`.
    private func spaceEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        let run = CharacterRun.spaces(text, start, end)
        if joinsFinalSpace, run.end == end { return end }
        return run.firstWordEnd(
            from: start,
            isLast: run.end == end
                || cutsDigitsFirst
                    && kind(CheckedUTF8.decode(text, run.end, end).code) == .number
        )
    }
}

extension CL100KScanner {
    /// The scanner of Llama 3 and of cl100k itself.
    static var cl100k: CL100KScanner {
        @inline(__always) get { CL100KScanner() }
    }
    /// The scanner of Qwen, which has one digit per word.
    static var qwen: CL100KScanner {
        @inline(__always) get { CL100KScanner(digits: .one) }
    }
}
