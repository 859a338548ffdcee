import SwiftletBytes

/// How decoding turns the bytes of tokens into text.
enum TokenJoining: Sendable {
    /// All bytes are joined, whatever tokens they come from.
    case bytes
    /// As a SentencePiece-like `tokenizer.json` does it: tokens are text, and each run of byte
    /// tokens is read as UTF-8 on its own; if it is not UTF-8, every byte becomes U+FFFD.
    case pieces(droppingSpaces: DroppedSpaces)
    /// By the steps of a `tokenizer.json`'s decoder, which see the tokens' spellings.
    case decoder(GeneralDecoder)

    /// The spaces dropped from the beginning of a text.
    enum DroppedSpaces: Sendable {
        case none
        /// One, if the text begins with one.
        case one
        /// All that the text begins with.
        case all
        /// All in the first token, wherever they are in it.
        case ofFirstToken
    }
}

/// Tokens being joined to text.
struct JoinedTokens: Sendable {
    private let joining: TokenJoining
    /// Bytes of text that is final, except that a character at their end may be incomplete.
    private var ready: [UInt8] = []
    /// The byte tokens since the last other token.
    private var run: [UInt8] = []
    /// The spaces still to be dropped.
    private var dropping: TokenJoining.DroppedSpaces
    /// The steps of a decoder.
    private var stages: [any DecodingStage] = []

    init(_ joining: TokenJoining) {
        self.joining = joining
        dropping = Self.spaces(joining)
        if case .decoder(let decoder) = joining { stages = decoder.stages() }
    }

    private static func spaces(_ joining: TokenJoining) -> TokenJoining.DroppedSpaces {
        if case .pieces(let spaces) = joining { spaces } else { .none }
    }

    /// Appends the bytes of a token, or its spelling for a decoder.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit`` for a decoder with a
    ///   pattern.
    mutating func push(_ bytes: ArraySlice<UInt8>, isByte: Bool) throws(SwiftletError) {
        switch joining {
        case .decoder: try push([Array(bytes)], from: 0)
        case .bytes: ready += bytes
        case .pieces:
            if isByte {
                run += bytes
            } else {
                endRun()
                add(bytes)
            }
        }
    }

    /// Takes tokens through the steps of a decoder from the one at `first` on.
    private mutating func push(_ tokens: [[UInt8]], from first: Int) throws(SwiftletError) {
        var tokens = tokens
        for index in first..<stages.count {
            var result: [[UInt8]] = []
            for token in tokens { try stages[index].push(token, to: &result) }
            tokens = result
        }
        for token in tokens { ready += token }
    }

    /// Ends the text; the next token begins a new one.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit`` for a decoder with a
    ///   pattern.
    mutating func finish() throws(SwiftletError) {
        for index in stages.indices {
            var rest: [[UInt8]] = []
            try stages[index].finish(to: &rest)
            try push(rest, from: index + 1)
        }
        endRun()
        dropping = Self.spaces(joining)
    }

    /// Removes and returns the text that no further token can change.
    mutating func takeCertain() -> String {
        let certain = ready.count - LossyUTF8.unfinished(ready)
        let text = LossyUTF8.text(ready[..<certain])
        ready.removeFirst(certain)
        return text
    }

    /// Removes and returns all of the text.
    mutating func takeAll() -> String {
        defer { ready = [] }
        return LossyUTF8.text(ready)
    }

    private mutating func endRun() {
        guard !run.isEmpty else { return }
        if String(validating: run, as: UTF8.self) != nil {
            add(run[...])
        } else {
            for _ in run { add([0xEF, 0xBF, 0xBD]) }
        }
        run = []
    }

    private mutating func add(_ bytes: ArraySlice<UInt8>) {
        var bytes = bytes
        if dropping == .ofFirstToken {
            ready += bytes.filter { $0 != 0x20 }
            dropping = .none
            return
        }
        while dropping != .none, let first = bytes.first {
            guard first == 0x20 else {
                dropping = .none
                break
            }
            bytes.removeFirst()
            if dropping == .one { dropping = .none }
        }
        ready += bytes
    }
}
