import SwiftletBytes

/// Turns the symbol of `Metaspace` back into spaces; those of the first token are dropped if the
/// pre-tokenizer inserts one.
struct MetaspaceStage: DecodingStage {
    let symbol: [UInt8]
    let dropsFirst: Bool
    private var isFirst = true

    init(symbol: [UInt8], dropsFirst: Bool) {
        self.symbol = symbol
        self.dropsFirst = dropsFirst
    }

    mutating func push(_ token: [UInt8], to result: inout [[UInt8]]) {
        let space: [UInt8] = isFirst && dropsFirst ? [] : [0x20]
        isFirst = false
        result.append(token.replacing(literal: symbol, by: space))
    }

    mutating func finish(to result: inout [[UInt8]]) { isFirst = true }
}

/// Turns the suffix of words into spaces, except in the last token (`BPEDecoder`).
struct SuffixStage: DecodingStage {
    let suffix: [UInt8]
    /// The token that may be the last.
    private var held: [UInt8]?

    init(suffix: [UInt8]) { self.suffix = suffix }

    mutating func push(_ token: [UInt8], to result: inout [[UInt8]]) {
        if let held { result.append(held.replacing(literal: suffix, by: [0x20])) }
        held = token
    }

    mutating func finish(to result: inout [[UInt8]]) {
        if let held { result.append(held.replacing(literal: suffix, by: [])) }
        held = nil
    }
}

/// Puts a space before each token but the first, unless it begins with the prefix of those that
/// continue a word (`WordPiece`).
struct WordPieceStage: DecodingStage {
    let prefix: [UInt8]
    let cleansUp: Bool
    private var isFirst = true

    init(prefix: [UInt8], cleansUp: Bool) {
        self.prefix = prefix
        self.cleansUp = cleansUp
    }

    mutating func push(_ token: [UInt8], to result: inout [[UInt8]]) {
        var token = token
        if !isFirst {
            token =
                token.starts(with: prefix) ? Array(token.dropFirst(prefix.count)) : [0x20] + token
        }
        isFirst = false
        result.append(cleansUp ? token.withoutSpacesOfTokenization : token)
    }

    mutating func finish(to result: inout [[UInt8]]) { isFirst = true }
}

/// Removes repeated tokens, the padding token and empty tokens (`CTC`).
struct CTCStage: DecodingStage {
    let padding: [UInt8]
    let delimiter: [UInt8]
    let cleansUp: Bool
    private var last: [UInt8]?

    init(padding: [UInt8], delimiter: [UInt8], cleansUp: Bool) {
        self.padding = padding
        self.delimiter = delimiter
        self.cleansUp = cleansUp
    }

    mutating func push(_ token: [UInt8], to result: inout [[UInt8]]) {
        guard token != last else { return }
        last = token
        let bare = bare(token)
        if !bare.isEmpty { result.append(bare) }
    }

    private func bare(_ token: [UInt8]) -> [UInt8] {
        let bare = token.replacing(literal: padding, by: [])
        guard cleansUp else { return bare }
        return bare.withoutSpacesOfTokenization.replacing(literal: delimiter, by: [0x20])
    }

    mutating func finish(to result: inout [[UInt8]]) { last = nil }
}

/// Separates tokens by spaces, as a tokenizer without a decoder does.
struct SpacedStage: DecodingStage {
    private var isFirst = true

    mutating func push(_ token: [UInt8], to result: inout [[UInt8]]) {
        result.append(isFirst ? token : [0x20] + token)
        isFirst = false
    }

    mutating func finish(to result: inout [[UInt8]]) { isFirst = true }
}

extension [UInt8] {
    /// These bytes with each occurrence of `literal`, from left to right, replaced.
    ///
    /// The empty string occurs before every character and at the end.
    func replacing(literal: [UInt8], by content: [UInt8]) -> [UInt8] {
        guard let first = literal.first else {
            guard !content.isEmpty else { return self }
            var result: [UInt8] = []
            for byte in self {
                if byte & 0xC0 != 0x80 { result += content }
                result.append(byte)
            }
            return result + content
        }
        guard contains(first), count >= literal.count else { return self }
        // Comparing at each place takes the product of both lengths; only what is short may.
        if literal.count > Self.shortLiteral, let pattern = LiteralPattern(literal) {
            return pattern.replaced(in: self, by: content)
        }
        var result: [UInt8] = []
        var index = 0
        while index < count {
            if self[index] == first, self[index...].starts(with: literal) {
                result += content
                index += literal.count
            } else {
                result.append(self[index])
                index += 1
            }
        }
        return result
    }

    private static var shortLiteral: Int { 32 }

    /// This text without the spaces that splitting English into words puts before punctuation and
    /// short forms: the replacements of tokenizers' `cleanup`, in its order.
    var withoutSpacesOfTokenization: [UInt8] {
        var text = self
        for (literal, content) in Self.cleanups {
            text = text.replacing(literal: literal, by: content)
        }
        return text
    }

    private static let cleanups: [(literal: [UInt8], content: [UInt8])] = [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
        (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)) }
}
