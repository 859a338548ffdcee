import CSwiftletUnicode

/// Unicode's normalization form C (UAX #15, the data of Unicode 16).
///
/// Text is cut into segments, each beginning with a character that never composes with what precedes
/// it; a segment is normalized by itself. Nearly all text is in NFC already, which one pass over it
/// shows.
enum NFC {
    /// The normalized text, with the changed segments; nil if the text is in NFC.
    ///
    /// - Parameter text: well-formed UTF-8.
    static func normalize(_ text: UnsafeBufferPointer<UInt8>) -> NormalizedText? {
        guard let base = text.baseAddress else { return nil }
        var result: NormalizedText?
        var composer = Composer()
        var position = 0
        while true {
            position = suspect(base, position, text.count)
            guard position < text.count else { break }
            let segment = segment(base, at: position, text.count)
            position = segment.upperBound
            let original = UnsafeBufferPointer(rebasing: text[segment])
            guard !isOrdered(original), let fresh = composer.compose(original) else { continue }
            if result == nil { result = NormalizedText(reserving: text.count) }
            result?.replace(segment, of: text, by: fresh)
        }
        result?.finish(text)
        return result
    }

    /// The next character, `end` if there is none, that NFC may change or move.
    private static func suspect(
        _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int
    ) -> Int {
        var position = from
        while true {
            // Below U+0300 nothing is suspect, and those characters have no byte from CC on.
            position += swiftlet_find_at_least(text + position, end - position, 0xCC)
            guard position < end else { return end }
            // The rest of this script's run, character by character.
            while position < end, text[position] >= 0x80 {
                let (code, length) = Character8.decode(text, position, end)
                if swiftlet_unicode_class(code) & UInt8(SWIFTLET_UNICODE_SUSPECT) != 0 {
                    return position
                }
                position += length
            }
        }
    }

    /// The segment that the character at `position` is in.
    private static func segment(
        _ text: UnsafePointer<UInt8>, at position: Int, _ end: Int
    ) -> Range<Int> {
        func isInner(_ code: UInt32) -> Bool {
            swiftlet_unicode_class(code) & UInt8(SWIFTLET_UNICODE_INNER) != 0
        }
        var start = position
        var code = Character8.decode(text, position, end).code
        while start > 0, isInner(code) {
            (code, start) = Character8.decodeBefore(text, start, from: 0)
        }
        var next = position
        repeat {
            next += Character8.decode(text, next, end).length
        } while next < end && isInner(Character8.decode(text, next, end).code)
        return start..<next
    }

    /// Whether a segment is certainly in NFC: nothing in it changes or composes, and combining
    /// classes ascend.
    private static func isOrdered(_ segment: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = segment.baseAddress else { return true }
        var position = 0
        var last: UInt8 = 0
        while position < segment.count {
            let (code, length) = Character8.decode(base, position, segment.count)
            position += length
            let combining = swiftlet_combining_class(code)
            if swiftlet_unicode_class(code) & UInt8(SWIFTLET_UNICODE_UNSTABLE) != 0
                || combining != 0 && combining < last
            {
                return false
            }
            last = combining
        }
        return true
    }
}
