import SwiftletBytes

/// The decoder of a `tokenizer.json`: steps that turn the spellings of tokens into text, as Hugging
/// Face's tokenizers apply them.
struct GeneralDecoder: Sendable {
    /// One step.
    enum Step: Sendable {
        case byteLevel
        case byteFallback
        case fuse
        case replace(Pattern, by: [UInt8])
        case strip(Strip)
        case metaspace(symbol: [UInt8], dropsFirst: Bool)
        case suffix([UInt8])
        case wordPiece(prefix: [UInt8], cleansUp: Bool)
        case ctc(padding: [UInt8], delimiter: [UInt8], cleansUp: Bool)
        /// Tokens separated by spaces: no decoder at all.
        case spaced
    }

    /// What a `Replace` replaces.
    enum Pattern: Sendable {
        case literal([UInt8])
        case regex(GeneralPattern)

        /// The most bytes that may be put into a token: far more than any tokenizer needs, and little
        /// enough for any memory.
        private static let maximumCount = 64 << 20

        /// A token with the pattern replaced.
        ///
        /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit``.
        func replaced(in token: [UInt8], by content: [UInt8]) throws(SwiftletError) -> [UInt8] {
            guard !token.isEmpty else { return token }
            // Each byte makes room for one match, and there is one more at the end.
            let (growth, overflows) = (token.count + 1).multipliedReportingOverflow(
                by: content.count)
            guard !overflows, growth <= Self.maximumCount else {
                throw SwiftletError(
                    .tokenizerNormalization,
                    "the decoder's Replace may make more than \(Self.maximumCount) bytes of a token"
                )
            }
            switch self {
            case .literal(let literal): return token.replacing(literal: literal, by: content)
            case .regex(let pattern):
                var result: [UInt8] = []
                var copied = 0
                try token.withUnsafeBufferPointer { bytes throws(SwiftletError) in
                    try pattern.forEachMatch(in: bytes) { match in
                        result += bytes[copied..<match.lowerBound]
                        result += content
                        copied = match.upperBound
                    }
                }
                return result + token[copied...]
            }
        }
    }

    /// Removes up to `start` and up to `stop` of a character from the two ends of a text.
    struct Strip: Sendable {
        var content: [UInt8]
        var start: Int
        var stop: Int

        func applied(to token: [UInt8]) -> [UInt8] {
            var token = token[...]
            let end = end(of: token)
            for _ in 0..<start {
                guard token.starts(with: content) else { break }
                token.removeFirst(content.count)
            }
            return token.startIndex < end ? Array(token[..<end]) : []
        }

        /// Where what is removed from the end of a text begins.
        func end(of text: ArraySlice<UInt8>) -> Int {
            var rest = text
            for _ in 0..<stop {
                guard rest.count >= content.count, rest.suffix(content.count).elementsEqual(content)
                else { break }
                rest.removeLast(content.count)
            }
            return rest.endIndex
        }
    }

    /// The steps, none of them a sequence.
    var steps: [Step]

    /// Whether the tokens' bytes are simply joined and read as UTF-8.
    var isByteLevel: Bool {
        guard case .byteLevel = steps.first else { return false }
        return steps.dropFirst().allSatisfy { if case .fuse = $0 { true } else { false } }
    }

    /// How a tokenizer with this decoder joins tokens.
    var joining: TokenJoining { isByteLevel ? .bytes : .decoder(self) }

    /// The steps at the beginning of a text.
    func stages() -> [any DecodingStage] {
        var stages: [any DecodingStage] = []
        // Whether what comes next are parts of one token.
        var isText = false
        for (index, step) in steps.enumerated() {
            let rest = steps[(index + 1)...]
            switch step {
            case .byteLevel:
                isText = rest.allSatisfy { if case .fuse = $0 { true } else { false } }
                stages.append(ByteLevelStage(gathers: !isText))
            case .fuse:
                guard !isText else { continue }
                isText = rest.allSatisfy(\.takesParts)
                if !isText { stages.append(FuseStage()) }
            case .strip(let strip):
                stages.append(isText ? StripTextStage(strip) : StripStage(strip: strip))
            case .byteFallback: stages.append(ByteFallbackStage())
            case .replace(let pattern, let content):
                stages.append(ReplaceStage(pattern: pattern, content: content))
            case .metaspace(let symbol, let dropsFirst):
                stages.append(MetaspaceStage(symbol: symbol, dropsFirst: dropsFirst))
            case .suffix(let suffix): stages.append(SuffixStage(suffix: suffix))
            case .wordPiece(let prefix, let cleansUp):
                stages.append(WordPieceStage(prefix: prefix, cleansUp: cleansUp))
            case .ctc(let padding, let delimiter, let cleansUp):
                stages.append(
                    CTCStage(padding: padding, delimiter: delimiter, cleansUp: cleansUp))
            case .spaced: stages.append(SpacedStage())
            }
        }
        return stages
    }

    /// The bytes that a token stands for in the middle of a text.
    func bytes(of spelling: [UInt8]) -> [UInt8] {
        var bytes = spelling
        var isText = false
        for step in steps {
            switch step {
            case .byteLevel:
                var decoded: [UInt8] = []
                if ByteAlphabet.append(bytesOf: bytes[...], to: &decoded) { bytes = decoded }
                isText = true
            case .fuse: isText = true
            case .byteFallback: bytes = ByteTokens.byte(of: bytes[...]).map { [$0] } ?? bytes
            case .replace(let pattern, let content):
                bytes = (try? pattern.replaced(in: bytes, by: content)) ?? bytes
            case .strip(let strip): if !isText { bytes = strip.applied(to: bytes) }
            case .metaspace(let symbol, _): bytes = bytes.replacing(literal: symbol, by: [0x20])
            case .suffix(let suffix): bytes = bytes.replacing(literal: suffix, by: [0x20])
            case .wordPiece, .ctc, .spaced:
                // A leading token makes the next one stand in the middle.
                var stage: [any DecodingStage] = GeneralDecoder(steps: [step]).stages()
                var (lead, result): ([[UInt8]], [[UInt8]]) = ([], [])
                try? stage[0].push([], to: &lead)
                try? stage[0].push(bytes, to: &result)
                bytes = Array(result.joined())
            }
        }
        return bytes
    }
}

extension GeneralDecoder.Step {
    /// Whether the step may take one token in parts.
    fileprivate var takesParts: Bool {
        switch self {
        case .fuse, .strip: true
        default: false
        }
    }
}
