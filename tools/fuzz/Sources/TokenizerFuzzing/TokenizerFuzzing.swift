import FuzzSupport
import SwiftletBytes
import SwiftletText

/// Loads a tokenizer from a file or folder.
///
/// - Parameters:
///   - path: The path of the file or folder.
///   - codes: Prefixes of the error codes that are allowed in addition to those of all formats and of what is
///     no tokenizer.
///   - sentencePiece: The algorithms of SentencePiece to support.
/// - Returns: The tokenizer, or nil if it is refused.
public func tokenizer(
    _ path: String, alsoRefusing codes: [String] = [],
    sentencePiece: SentencePieceSupport = .builtIn
) -> TextTokenizer? {
    verdict(["json.", "text.", "tokenizer.", "file.content"] + codes) { () throws(SwiftletError) in
        try TextTokenizer(path: path, sentencePiece: sentencePiece)
    }
}

private let beginning = "  Hello world, it's 2024!\n\n\tnaïve "
private let composed = "e\u{301}"

/// A text with words, spaces, contractions, numbers, combining marks, multi-byte letters, an emoji of
/// several parts, and special tokens.
private let fixedText =
    beginning + composed
    + " 東京 👩‍💻\u{0}<|endoftext|> <|endoftext|>xx <s> a</s>b \r\n end "

/// The relation between the offsets of consecutive tokens.
public enum TokenOffsets {
    /// Each token begins where the previous one ends, and together they cover the text. Two tokens of
    /// a part that normalization changed may both cover all of it.
    case partition
    /// Each token begins at or after the end of the previous one.
    case ordered
    /// Each token is inside the text: those of whole characters overlap, and normalizers move them.
    case inside
}

/// Examines the encoding of a fixed text by a loaded tokenizer.
public func examineFixedText(_ tokenizer: TextTokenizer, _ offsets: TokenOffsets = .partition) {
    let start = beginning.utf8.count
    do {
        try examine(
            tokenizer, ByteView(Array(fixedText.utf8)), offsets,
            composed: start..<start + composed.utf8.count)
    } catch {
        fatalError("a loaded tokenizer fails: \(error)")
    }
}

/// Encodes a text and checks that the offsets are valid, that all ways to encode agree, and that the
/// ids decode to the same text one by one and together.
///
/// - Parameters:
///   - tokenizer: The tokenizer.
///   - text: The text.
///   - offsets: The required relation between offsets.
///   - composed: The part of the text that NFC changes, if any.
/// - Returns: The decoded text.
/// - Throws: The errors of encoding and decoding.
@discardableResult
public func examine(
    _ tokenizer: TextTokenizer, _ text: ByteView, _ offsets: TokenOffsets = .partition,
    composed: Range<Int>? = nil
) throws -> String {
    let encoding = try tokenizer.encode(utf8: text, addSpecialTokens: false)
    require(encoding.ids.count == encoding.offsets.count, "ids without offsets")
    var end = 0
    for range in encoding.offsets {
        let begins =
            switch offsets {
            case .partition:
                range.lowerBound == end
                    || (range.lowerBound == composed?.lowerBound && end == composed?.upperBound)
            case .ordered: range.lowerBound >= end
            case .inside: range.upperBound <= text.count
            }
        require(begins, "a token begins at \(range.lowerBound), the previous one ends at \(end)")
        end = range.upperBound
    }
    switch offsets {
    case .partition: require(end == text.count, "the tokens end at \(end) of \(text.count)")
    case .ordered, .inside: require(end <= text.count, "the tokens end at \(end) of \(text.count)")
    }

    require(
        try tokenizer.encodeIDs(utf8: text, addSpecialTokens: false) == encoding.ids,
        "encoding ids alone gives other ids")
    let string = String(decoding: text.copy(), as: UTF8.self)
    require(
        try tokenizer.encode(string, addSpecialTokens: false) == encoding,
        "encoding the string gives other ids")

    let whole = try tokenizer.encode(utf8: text)
    let added = whole.ids.count - encoding.ids.count
    require(added >= 0, "adding special tokens removes tokens")
    require(
        (0...added).contains { Array(whole.ids[$0..<($0 + encoding.ids.count)]) == encoding.ids },
        "adding special tokens changes the tokens of the text")

    let decoded = try tokenizer.decode(encoding.ids)
    var stream = StreamingDecoder(tokenizer)
    var pieces = ""
    for id in encoding.ids {
        require(tokenizer.bytes(of: id) != nil, "the id \(id) has no bytes")
        pieces += try stream.push(id)
    }
    pieces += stream.finish()
    require(pieces.utf8.elementsEqual(decoded.utf8), "decoding id by id gives another text")
    _ = try tokenizer.decode(whole.ids, skipSpecialTokens: true)
    return decoded
}
