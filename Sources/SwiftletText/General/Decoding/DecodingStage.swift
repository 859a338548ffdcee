import SwiftletBytes

/// One step of a decoder at work: takes tokens one at a time, and gives out those of its result that
/// no further token can change.
protocol DecodingStage: Sendable {
    /// Takes the next token and appends what follows from it to `result`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit``.
    mutating func push(_ token: [UInt8], to result: inout [[UInt8]]) throws(SwiftletError)

    /// Ends the text and appends the rest; the next token begins a new text.
    mutating func finish(to result: inout [[UInt8]]) throws(SwiftletError)
}

extension DecodingStage {
    mutating func finish(to result: inout [[UInt8]]) throws(SwiftletError) {}
}

/// Turns bytes into what they spell (`ByteLevel`): one token, the text so far.
struct ByteLevelStage: DecodingStage {
    /// Whether the result must be one token, since a step that looks at tokens follows.
    var gathers: Bool
    private var gathered: [UInt8] = []

    init(gathers: Bool) { self.gathers = gathers }

    mutating func push(_ token: [UInt8], to result: inout [[UInt8]]) {
        var bytes: [UInt8] = []
        if !ByteAlphabet.append(bytesOf: token[...], to: &bytes) { bytes = token }
        if gathers { gathered += bytes } else { result.append(bytes) }
    }

    mutating func finish(to result: inout [[UInt8]]) {
        guard gathers else { return }
        result.append(Array(LossyUTF8.text(gathered).utf8))
        gathered = []
    }
}

/// Joins all tokens to one (`Fuse`), before a step that looks at tokens.
struct FuseStage: DecodingStage {
    private var gathered: [UInt8] = []

    mutating func push(_ token: [UInt8], to result: inout [[UInt8]]) { gathered += token }

    mutating func finish(to result: inout [[UInt8]]) {
        result.append(gathered)
        gathered = []
    }
}

/// Turns each run of byte tokens (`<0xE2>`) into the text that it is (`ByteFallback`), or into one
/// U+FFFD per byte if it is not UTF-8.
struct ByteFallbackStage: DecodingStage {
    private var run: [UInt8] = []

    mutating func push(_ token: [UInt8], to result: inout [[UInt8]]) {
        if let byte = ByteTokens.byte(of: token[...]) {
            run.append(byte)
        } else {
            finish(to: &result)
            result.append(token)
        }
    }

    mutating func finish(to result: inout [[UInt8]]) {
        guard !run.isEmpty else { return }
        if String(validating: run, as: UTF8.self) != nil {
            result.append(run)
        } else {
            for _ in run { result.append([0xEF, 0xBF, 0xBD]) }
        }
        run = []
    }
}

/// Replaces a pattern in each token (`Replace`).
struct ReplaceStage: DecodingStage {
    let pattern: GeneralDecoder.Pattern
    let content: [UInt8]

    func push(_ token: [UInt8], to result: inout [[UInt8]]) throws(SwiftletError) {
        result.append(try pattern.replaced(in: token, by: content))
    }
}

/// Removes a character from both ends of each token, up to a number of times (`Strip`).
struct StripStage: DecodingStage {
    let strip: GeneralDecoder.Strip

    func push(_ token: [UInt8], to result: inout [[UInt8]]) {
        result.append(strip.applied(to: token))
    }
}

/// Removes a character from both ends of the whole text, which comes in parts (`Strip` after
/// `Fuse`).
struct StripTextStage: DecodingStage {
    let strip: GeneralDecoder.Strip
    /// How many may still be removed at the beginning.
    private var atStart: Int
    /// How many may have to be removed at the end: up to `stop`, and nothing has followed them yet.
    private var held = 0

    init(_ strip: GeneralDecoder.Strip) {
        self.strip = strip
        atStart = strip.start
    }

    mutating func push(_ token: [UInt8], to result: inout [[UInt8]]) {
        guard !token.isEmpty else { return }
        var token = token[...]
        while atStart > 0 {
            guard token.starts(with: strip.content) else {
                // An empty token is not yet the end of what is removed.
                if !token.isEmpty { atStart = 0 }
                break
            }
            token.removeFirst(strip.content.count)
            atStart -= 1
        }
        guard !token.isEmpty else { return }
        // Only the number is kept, so that a long run costs no copies.
        let end = strip.end(of: token)
        let count = (token.endIndex - end) / strip.content.count
        let text: [UInt8]
        if end == token.startIndex {
            let surplus = count - min(count, strip.stop - held)
            text = repeated(surplus)
            held += count - surplus
        } else {
            text = repeated(held) + token[..<end]
            held = count
        }
        if !text.isEmpty { result.append(text) }
    }

    private func repeated(_ count: Int) -> [UInt8] {
        Array(repeatElement(strip.content, count: count).joined())
    }

    mutating func finish(to result: inout [[UInt8]]) {
        held = 0
        atStart = strip.start
    }
}
