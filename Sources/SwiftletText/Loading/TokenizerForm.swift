import SwiftletBytes
import SwiftletGGUF

/// The form of a tokenizer file, judged by its bytes.
enum TokenizerForm: Sendable {
    /// A `tokenizer.json`.
    case json
    case gguf
    case sentencePiece
    /// Ranks in the form of tiktoken: `qwen.tiktoken`, and the `tokenizer.model` of Llama 3's first
    /// release.
    case ranks

    /// The form in sentences, with an article.
    var what: String {
        switch self {
        case .json: "a tokenizer.json"
        case .gguf: "a GGUF file"
        case .sentencePiece: "a SentencePiece model"
        case .ranks: "a list of tiktoken's ranks"
        }
    }

    /// The form that a file's name stands for; nil if it stands for none.
    init?(name: String) {
        switch name.split(separator: ".").last {
        case "json": self = .json
        case "gguf": self = .gguf
        case "model": self = .sentencePiece
        case "tiktoken": self = .ranks
        default: return nil
        }
    }

    /// Recognizes a file.
    ///
    /// If its bytes show no form, it has the one that its name stands for.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - file: The file.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerTruncated`` for a file that ends before
    ///   its form shows; ``/SwiftletBytes/SwiftletError/Code/foreignContent`` for what is no
    ///   tokenizer.
    init(of bytes: ByteView, file: String) throws(SwiftletError) {
        let front = bytes[0..<min(bytes.count, Self.shown)].copy()
        let magic = GGUFFormat.magic
        let isWhole = Self.isObject(front) && front.last == UInt8(ascii: "}")
        if !front.isEmpty, front.count < magic.count, !isWhole {
            throw SwiftletError(
                .tokenizerTruncated, file: file,
                "is truncated: it has only \(front.count) byte\(front.count == 1 ? "" : "s")",
                hint: "download the file again, for example with swiftlet pull")
        }
        try ForeignContent.refuse(bytes, file: file)
        let marks: [[UInt8]] = [[0xFE, 0xFF], [0xFF, 0xFE], [0x00, 0x00, 0xFE, 0xFF]]
        if front.starts(with: magic) {
            self = .gguf
        } else if Self.isObject(front) || marks.contains(where: front.starts) {
            // What reads JSON names the encodings that have these marks.
            self = .json
        } else if Self.isModel(front) {
            self = .sentencePiece
        } else if Self.isRank(front) {
            self = .ranks
        } else if let named = TokenizerForm(name: FileSystem.name(file)) {
            self = named
        } else {
            throw SwiftletError(
                .foreignContent, file: file,
                "is neither a tokenizer.json nor a GGUF file, a SentencePiece model or ranks")
        }
    }

    /// The bytes that a file is judged by.
    private static let shown = 512

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    /// Whether a text begins with a JSON object, after a UTF-8 byte order mark if there is one.
    private static func isObject(_ front: [UInt8]) -> Bool {
        let text = front.starts(with: [0xEF, 0xBB, 0xBF]) ? front.dropFirst(3) : front[...]
        let rest = text.drop(while: isSpace)
        guard rest.first == UInt8(ascii: "{") else { return false }
        // A SentencePiece model begins with a line feed, and the length of its first piece may be the
        // code of a brace.
        let next = rest.dropFirst().drop(while: isSpace).first
        return front.first != 0x0A || next == nil || next == UInt8(ascii: "\"")
            || next == UInt8(ascii: "}")
    }

    /// Whether a file begins with a field of a SentencePiece model, in which every piece has tags and
    /// lengths that are control characters.
    private static func isModel(_ front: [UInt8]) -> Bool {
        guard let tag = front.first, tag & 7 == 2, (1...5).contains(tag >> 3) else { return false }
        return front.contains { $0 < 0x20 && !isSpace($0) }
    }

    /// Whether the first line of a text is a token in base64, a space and a rank.
    private static func isRank(_ front: [UInt8]) -> Bool {
        let line = front.drop(while: isSpace).prefix { $0 != 0x0A && $0 != 0x0D }
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count % 4 == 0, !parts[0].isEmpty, !parts[1].isEmpty else {
            return false
        }
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        return parts[1].allSatisfy(isDigit)
            && parts[0].allSatisfy {
                isDigit($0) || (0x41...0x5A).contains($0 & 0xDF) || $0 == UInt8(ascii: "+")
                    || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "=")
            }
    }
}
