import CSwiftletUnicode

/// Unicode's normalization form C (UAX #15, with the data of Unicode 16 or of the reference).
///
/// Text is divided into segments, each of which begins with a character that never composes with
/// what precedes it; segments are normalized independently. Nearly all text is in NFC already,
/// which a single pass over it shows.
enum NFC {
    /// The tables to normalize by.
    enum Tables {
        case unicode16
        /// Those of Hugging Face's tokenizers, which are of Unicode 9: characters added since are
        /// starters that neither decompose nor compose.
        case reference
    }

    /// Normalizes a text.
    ///
    /// What is in NFC by the tables of Unicode 16 is so by the older ones, so they share the search
    /// for what may change.
    ///
    /// - Parameters:
    ///   - text: Well-formed UTF-8.
    ///   - tables: The tables.
    /// - Returns: The normalized text, with the segments that changed; nil if the text is in NFC.
    static func normalize(
        _ text: UnsafeBufferPointer<UInt8>, _ tables: Tables = .unicode16
    ) -> NormalizedText? {
        guard let base = text.baseAddress else { return nil }
        var result: NormalizedText?
        var composer = Composer(tables)
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

    /// The next character that NFC may change or move; `end` if there is none.
    private static func suspect(
        _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int
    ) -> Int {
        var position = from
        while true {
            // No character below U+0300 is suspect, and none of them has a byte of CC or more.
            position += swiftlet_find_at_least(text + position, end - position, 0xCC)
            guard position < end else { return end }
            // The rest of a run in the same script, character by character.
            while position < end, text[position] >= 0x80 {
                let (code, length) = CheckedUTF8.decode(text, position, end)
                if swiftlet_unicode_class(code) & UInt8(SWIFTLET_UNICODE_SUSPECT) != 0 {
                    return position
                }
                position += length
            }
        }
    }

    /// The segment that contains the character at `position`.
    private static func segment(
        _ text: UnsafePointer<UInt8>, at position: Int, _ end: Int
    ) -> Range<Int> {
        func isInner(_ code: UInt32) -> Bool {
            swiftlet_unicode_class(code) & UInt8(SWIFTLET_UNICODE_INNER) != 0
        }
        var start = position
        var code = CheckedUTF8.decode(text, position, end).code
        while start > 0, isInner(code) {
            (code, start) = CheckedUTF8.decodeBefore(text, start, from: 0)
        }
        var next = position
        repeat {
            next += CheckedUTF8.decode(text, next, end).length
        } while next < end && isInner(CheckedUTF8.decode(text, next, end).code)
        return start..<next
    }

    /// Whether a segment is certainly in NFC: nothing in it changes or composes, and its combining
    /// classes ascend.
    private static func isOrdered(_ segment: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = segment.baseAddress else { return true }
        var position = 0
        var last: UInt8 = 0
        while position < segment.count {
            let (code, length) = CheckedUTF8.decode(base, position, segment.count)
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
