import CSwiftletUnicode

/// The classes that patterns tell apart; a character is in at most one of letter, number and space.
struct CharacterClass: Equatable {
    private let bits: UInt8

    static let letter = CharacterClass(bits: UInt8(SWIFTLET_UNICODE_LETTER))
    static let number = CharacterClass(bits: UInt8(SWIFTLET_UNICODE_NUMBER))
    static let space = CharacterClass(bits: UInt8(SWIFTLET_UNICODE_SPACE))
    /// None of the three.
    static let other = CharacterClass(bits: 0)

    @inline(__always)
    private init(bits: UInt8) { self.bits = bits }

    /// The class of a code point.
    @inline(__always)
    init(_ code: UInt32) { bits = swiftlet_unicode_class(code) & 7 }

    /// Whether a code point is `\w` in Rust's regular expressions.
    static func isWord(_ code: UInt32) -> Bool {
        swiftlet_unicode_class(code) & UInt8(SWIFTLET_UNICODE_WORD) != 0
    }
}

/// Reading characters out of UTF-8 that was checked before.
enum Character8 {
    /// The code point at `position` (below `end`) and its length. Ill-formed text, which callers
    /// never pass, gives some code point, but no read at `end` or after.
    @inline(__always)
    static func decode(
        _ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int
    ) -> (code: UInt32, length: Int) {
        let first = UInt32(text[position])
        if first < 0x80 { return (first, 1) }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard position &+ length <= end else { return (0xFFFD, end &- position) }
        var code = first & (0x7F &>> UInt32(truncatingIfNeeded: length))
        for index in 1..<length { code = code &<< 6 | UInt32(text[position &+ index] & 0x3F) }
        return (code, length)
    }

    /// The code point of a text that is one character; nil for any other.
    static func only(in text: some Collection<UInt8>) -> UInt32? {
        text.withContiguousStorageIfAvailable { text in
            guard let base = text.baseAddress else { return nil }
            let (code, length) = decode(base, 0, text.count)
            return length == text.count ? code : nil
        } ?? nil
    }

    /// The character that ends at `position` (above `start`): its code point and where it begins.
    static func decodeBefore(
        _ text: UnsafePointer<UInt8>, _ position: Int, from start: Int
    ) -> (code: UInt32, start: Int) {
        var first = position - 1
        while first > start, text[first] & 0xC0 == 0x80 { first -= 1 }
        return (decode(text, first, position).code, first)
    }
}
