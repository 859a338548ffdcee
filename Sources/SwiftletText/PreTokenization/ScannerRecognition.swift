/// Recognises the patterns that have a scanner.
///
/// What a scanner is chosen for is what Oniguruma, which Hugging Face's tokenizers use, makes of the
/// pattern. Two of its rules matter here: `{1,3}+` is not possessive but repeats the group, so it
/// takes all digits; and `$` matches at the end of a line.
enum ScannerRecognition {
    /// A split that keeps all pieces, or a step of another kind that amounts to one.
    enum Step {
        /// A `Split` at a pattern, isolated.
        case pattern(String)
        /// `Digits`.
        case digits(areSeparate: Bool)
    }

    /// The scanner that is equivalent to steps in order; nil if there is none.
    ///
    /// - Parameters:
    ///   - steps: The steps before `ByteLevel`.
    ///   - usesPattern: Whether `ByteLevel` applies GPT-2's pattern.
    /// - Returns: The scanner.
    static func scanner(_ steps: [Step], usesPattern: Bool) -> PreTokenizer? {
        guard !steps.isEmpty else { return usesPattern ? .gpt2 : nil }
        var steps = steps
        if usesPattern { steps.append(.pattern(gpt2)) }
        if let whole = several(steps) { return whole }
        guard steps.count == 1 || steps.count == 2, case .pattern(let last) = steps[steps.count - 1]
        else { return nil }
        guard let scanner = scanner(last) else { return nil }
        guard steps.count == 2 else { return scanner }
        guard let cut = digits(steps[0]) else { return nil }
        let isStep = if case .digits = steps[0] { true } else { false }
        switch scanner {
        case .spaced(var scanner):
            scanner.digits = cut
            scanner.knowsNewerNumbers = isStep
            return .spaced(scanner)
        case .joined(var scanner):
            // Within what is cut off, the pattern must not cut again.
            guard cut == scanner.digits || cut == .one || scanner.digits == .all,
                !scanner.joinsFinalSpace
            else { return nil }
            scanner.digits = cut
            scanner.cutsDigitsFirst = true
            scanner.knowsNewerNumbers = isStep
            return .joined(scanner)
        default: return nil
        }
    }

    /// The pattern of `ByteLevel`.
    static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    // MARK: One pattern

    /// The scanner of a regular expression; nil if there is none.
    static func scanner(_ pattern: String) -> PreTokenizer? {
        if let scanner = spaced(pattern) { return .spaced(scanner) }
        if let scanner = joined(pattern) { return .joined(scanner) }
        return cased(pattern).map { .cased($0) }
    }

    private static func spaced(_ pattern: String) -> GPT2Scanner? {
        var pattern = PatternAlternatives(pattern)
        guard pattern.takeContractions() == .lowercase, pattern.take(#" ?\p{L}+"#, #" ?\p{L}++"#),
            pattern.take(#" ?\p{N}+"#, #" ?\p{N}++"#),
            pattern.take(#" ?[^\s\p{L}\p{N}]+"#, #" ?[^\s\p{L}\p{N}]++"#)
        else { return nil }
        // At the end of the text, white space is one word by the next alternative, too.
        _ = pattern.take(#"\s++$"#)
        guard pattern.take(#"\s+(?!\S)"#) else { return nil }
        // What matches neither is the last space before text, on its own without this alternative.
        return pattern.isEmpty || pattern.take(#"\s+"#, #"\s"#) && pattern.isEmpty
            ? GPT2Scanner() : nil
    }

    private static func joined(_ pattern: String) -> CL100KScanner? {
        var pattern = PatternAlternatives(pattern)
        var scanner = CL100KScanner(contraction: pattern.takeContractions())
        // A mark may be the character before letters, and it may be one of them: where that makes a
        // difference, a possessive quantifier is not accepted.
        let letters = [
            #"[^\r\n\p{L}\p{N}]?\p{L}+"#: false, #"[^\r\n\p{L}\p{N}]?+\p{L}+"#: false,
            #"[^\r\n\p{L}\p{N}]?+\p{L}++"#: false,
            #"[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+"#: true, #"[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]++"#: true,
        ]
        guard let joinsMarks = pattern.take(letters), let digits = pattern.take(digitSpellings)
        else { return nil }
        scanner.joinsMarks = joinsMarks
        scanner.digits = digits
        let others =
            joinsMarks
            ? [#" ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"#: true, #" ?[^\s\p{L}\p{M}\p{N}]+"#: false]
            : [
                #" ?[^\s\p{L}\p{N}]+[\r\n]*"#: true, #" ?[^\s\p{L}\p{N}]++[\r\n]*"#: true,
                #" ?[^\s\p{L}\p{N}]++[\r\n]*+"#: true, #" ?[^\s\p{L}\p{N}]+"#: false,
                #" ?[^\s\p{L}\p{N}]++"#: false, #" ?[^\s\p{L}\p{N}\r\n]+"#: false,
            ]
        guard let takesNewlines = pattern.take(others) else { return nil }
        scanner.takesNewlines = takesNewlines
        scanner.joinsFinalSpace = pattern.take(#"\s++$"#)
        return takesSpaces(&pattern) ? scanner : nil
    }

    private static func cased(_ pattern: String) -> O200KScanner? {
        let capitals = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
        let small = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
        let before = #"[^\r\n\p{L}\p{N}]?"#
        for (text, contraction) in PatternAlternatives.contractionGroups
            // A question mark covers a group, and not an apostrophe before it.
            .map({ ($0.hasPrefix("(") ? "\($0)?" : "(?:\($0))?", $1) }) + [("", .none)]
        {
            var pattern = PatternAlternatives(pattern)
            guard pattern.take(before + capitals + "*" + small + "+" + text),
                pattern.take(before + capitals + "+" + small + "*" + text),
                let digits = pattern.take(digitSpellings),
                pattern.take(#" ?[^\s\p{L}\p{N}]+[\r\n/]*"#), takesSpaces(&pattern)
            else { continue }
            return O200KScanner(contraction: contraction, digits: digits)
        }
        return nil
    }

    /// Takes the alternatives for white space, which come last.
    ///
    /// `\s*[\r\n]` ends at the last newline just as `\s*[\r\n]+` does.
    private static func takesSpaces(_ pattern: inout PatternAlternatives) -> Bool {
        pattern.take(#"\s*[\r\n]+"#, #"\s*[\r\n]"#) && pattern.take(#"\s+(?!\S)"#)
            && pattern.take(#"\s+"#, #"\s"#) && pattern.isEmpty
    }

    private static let digitSpellings: [String: DigitRuns] = [
        #"\p{N}"#: .one, #"\p{N}{1}"#: .one, #"\p{N}{1,3}"#: .three, #"\p{N}+"#: .all,
        #"\p{N}++"#: .all, #"\p{N}{1,3}+"#: .all,
    ]

    // MARK: Several steps

    /// How a step cuts off digits; nil if that is not what it does.
    private static func digits(_ step: Step) -> DigitRuns? {
        switch step {
        case .digits(let areSeparate): areSeparate ? .one : .all
        case .pattern(let pattern): digitSpellings[pattern]
        }
    }

    /// The scanner of a sequence of splits that only have one together.
    private static func several(_ steps: [Step]) -> PreTokenizer? {
        let patterns = steps.map { step -> String? in
            if case .pattern(let pattern) = step { pattern } else { nil }
        }
        if steps.count == 3, patterns[0] != nil, let cut = digits(steps[0]),
            isSame(patterns[1], hanAndKana),
            isSame(patterns[2], deepSeek)
        {
            return .deepSeek(DeepSeekScanner(digits: cut))
        }
        guard case .digits(areSeparate: true) = steps[steps.count - 1] else { return nil }
        let names = patterns.dropLast()
        for (scanner, lines) in [(LineScanner.coder, coder), (.llm, llm)]
        where names.count == lines.count && zip(names, lines).allSatisfy(isSame) {
            return .lines(scanner)
        }
        return nil
    }

    /// Whether a pattern has the same characters as another one, apart from newlines that are
    /// written as escapes.
    ///
    /// Strings are equal if their characters are canonically equivalent, which patterns are not.
    private static func isSame(_ pattern: String?, _ known: String) -> Bool {
        pattern.map { escapedNewlines($0).utf8.elementsEqual(known.utf8) } ?? false
    }

    /// A pattern with newlines written as escapes.
    private static func escapedNewlines(_ pattern: String) -> String {
        pattern.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\n": text += #"\n"#
            case "\r": text += #"\r"#
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    private static let han = "[一-龥ࠀ-一가-\u{D7FF}]+"
    private static let hanAndKana = "[一-龥\u{3040}-ゟ゠-ヿ]+"
    private static let deepSeek =
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"##
    private static let coder = [#"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, han]
    private static let llm = [
        #"[\r\n]"#, #"\s?["# + DeepSeekLetters.pattern + "]+",
        #"\s?"# + DeepSeekLetters.marks + "+", #"\s+$"#, han,
    ]
}
