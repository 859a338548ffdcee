/// Decodes characters of text that is already known to be well-formed UTF-8.
enum CheckedUTF8 {
    /// The code point at `position`, which is below `end`, and its length in bytes.
    ///
    /// Callers never pass ill-formed text; it would give some code point, but no read at `end` or
    /// beyond.
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

    /// The code point of a text of exactly one character; nil for any other text.
    static func only(in text: some Collection<UInt8>) -> UInt32? {
        text.withContiguousStorageIfAvailable { text in
            guard let base = text.baseAddress else { return nil }
            let (code, length) = decode(base, 0, text.count)
            return length == text.count ? code : nil
        } ?? nil
    }

    /// The code point of the character that ends at `position`, which is above `start`, and where
    /// it begins.
    static func decodeBefore(
        _ text: UnsafePointer<UInt8>, _ position: Int, from start: Int
    ) -> (code: UInt32, start: Int) {
        var first = position - 1
        while first > start, text[first] & 0xC0 == 0x80 { first -= 1 }
        return (decode(text, first, position).code, first)
    }
}
