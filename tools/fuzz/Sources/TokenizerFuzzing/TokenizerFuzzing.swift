import FuzzSupport
import SwiftletBytes
import SwiftletText

/// Loads a tokenizer from a file or folder; nil if that is refused.
public func tokenizer(_ path: String) -> TextTokenizer? {
    verdict(["json.", "text.", "tokenizer."]) { () throws(SwiftletError) in
        try TextTokenizer(path: path)
    }
}

/// A text that meets words, spaces, contractions, numbers, marks, letters of several bytes, parts of
/// an emoji, and a special token.
public let fixedText =
    "  Hello world, it's 2024!\n\n\tnaïve e\u{301} 東京 👩‍💻\u{0}<|endoftext|> <|endoftext|>xx  \r\n end "

/// Encodes a text: the tokens partition its bytes, all ways to encode agree, and the ids decode,
/// one by one as well as together.
///
/// - Returns: the decoded text.
@discardableResult
public func examine(_ tokenizer: TextTokenizer, _ text: ByteView) throws -> String {
    let encoding = try tokenizer.encode(utf8: text, addSpecialTokens: false)
    require(encoding.ids.count == encoding.offsets.count, "ids without offsets")
    var end = 0
    for range in encoding.offsets {
        require(range.lowerBound == end, "a token begins at \(range.lowerBound), not at \(end)")
        end = range.upperBound
    }
    require(end == text.count, "the tokens end at \(end) of \(text.count)")

    require(
        try tokenizer.encodeIDs(utf8: text, addSpecialTokens: false) == encoding.ids,
        "ids alone are others")
    let string = String(decoding: text.copy(), as: UTF8.self)
    require(
        tokenizer.encode(string, addSpecialTokens: false) == encoding, "the string has others")

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
