/// How decoding makes text of the tokens' bytes.
enum TokenJoining: Sendable, Equatable {
    /// All bytes are joined, whichever tokens they come from.
    case bytes
    /// As SentencePiece's kind of `tokenizer.json` does it: tokens are text, and runs of byte tokens
    /// are read as UTF-8 for themselves, a whole run becoming one U+FFFD a byte if it is none.
    case pieces(droppingSpaces: DroppedSpaces)

    /// The spaces that the beginning of a text loses.
    enum DroppedSpaces: Sendable {
        case none
        /// One, if there is one.
        case one
        /// All.
        case all
        /// All that the first token has, wherever they stand in it.
        case ofFirstToken
    }
}

/// Tokens on their way to text.
struct JoinedTokens: Sendable {
    private let joining: TokenJoining
    /// Bytes whose text nothing can change any more, but for a character at their end that may go on.
    private var ready: [UInt8] = []
    /// The byte tokens since the last other token.
    private var run: [UInt8] = []
    /// The spaces that the text may still lose.
    private var dropping: TokenJoining.DroppedSpaces

    init(_ joining: TokenJoining) {
        self.joining = joining
        dropping = Self.spaces(joining)
    }

    private static func spaces(_ joining: TokenJoining) -> TokenJoining.DroppedSpaces {
        if case .pieces(let spaces) = joining { spaces } else { .none }
    }

    /// Takes the bytes of the next token.
    mutating func push(_ bytes: ArraySlice<UInt8>, isByte: Bool) {
        switch joining {
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

    /// Says that no token follows; the next one begins a new text.
    mutating func finish() {
        endRun()
        dropping = Self.spaces(joining)
    }

    /// The text that no further token can change.
    mutating func takeCertain() -> String {
        let certain = ready.count - LossyUTF8.unfinished(ready)
        let text = LossyUTF8.text(ready[..<certain])
        ready.removeFirst(certain)
        return text
    }

    /// All of the text.
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
