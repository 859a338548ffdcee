import FuzzSupport
import SwiftletBytes
import SwiftletText

/// Loads a tokenizer from a file or folder; nil if that is refused.
///
/// - Parameters:
///   - codes: Prefixes of the codes that the reader of this form has beside those of all forms.
///   - sentencePiece: The algorithms of SentencePiece to support.
public func tokenizer(
    _ path: String, alsoRefusing codes: [String] = [],
    sentencePiece: SentencePieceSupport = .builtIn
) -> TextTokenizer? {
    verdict(["json.", "text.", "tokenizer."] + codes) { () throws(SwiftletError) in
        try TextTokenizer(path: path, sentencePiece: sentencePiece)
    }
}

private let beginning = "  Hello world, it's 2024!\n\n\tnaïve "
private let composed = "e\u{301}"

/// A text that meets words, spaces, contractions, numbers, marks, letters of several bytes, parts of
/// an emoji, and special tokens.
private let fixedText =
    beginning + composed
    + " 東京 👩‍💻\u{0}<|endoftext|> <|endoftext|>xx <s> a</s>b \r\n end "

/// How the bytes of one token lie to those of the next.
public enum TokenOffsets {
    /// Each token begins where the one before it ends, and all are the text. Two tokens of what
    /// normalization changed may both have all of it.
    case partition
    /// Each token begins where the one before it ends or behind that.
    case ordered
}

/// Examines what a tokenizer that was read makes of a fixed text.
public func examineFixedText(_ tokenizer: TextTokenizer, _ offsets: TokenOffsets = .partition) {
    let start = beginning.utf8.count
    do {
        try examine(
            tokenizer, ByteView(Array(fixedText.utf8)), offsets,
            composed: start..<start + composed.utf8.count)
    } catch {
        fatalError("a tokenizer that was read fails: \(error)")
    }
}

/// Encodes a text: the tokens lie in it as they must, all ways to encode agree, and the ids decode,
/// one by one as well as together.
///
/// - Parameter composed: the part of the text that NFC changes, if there is one.
/// - Returns: the decoded text.
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
            }
        require(begins, "a token begins at \(range.lowerBound), the one before ends at \(end)")
        end = range.upperBound
    }
    switch offsets {
    case .partition: require(end == text.count, "the tokens end at \(end) of \(text.count)")
    case .ordered: require(end <= text.count, "the tokens end at \(end) of \(text.count)")
    }

    require(
        try tokenizer.encodeIDs(utf8: text, addSpecialTokens: false) == encoding.ids,
        "ids alone are others")
    let string = String(decoding: text.copy(), as: UTF8.self)
    require(
        try tokenizer.encode(string, addSpecialTokens: false) == encoding, "the string has others")

    let whole = try tokenizer.encode(utf8: text)
    let added = whole.ids.count - encoding.ids.count
    require(added >= 0, "special tokens take tokens away")
    require(
        (0...added).contains { Array(whole.ids[$0..<($0 + encoding.ids.count)]) == encoding.ids },
        "special tokens change the text's own")

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
