/// Decodes bytes that may not be UTF-8.
///
/// Each maximal subpart of an ill-formed sequence becomes one U+FFFD (Unicode, section 3.9,
/// "substitution of maximal subparts"), as in Rust's `from_utf8_lossy`.
enum LossyUTF8 {
    /// The text of the given bytes.
    static func text(_ bytes: some Sequence<UInt8> & Collection) -> String {
        // The standard library substitutes maximal subparts, which a test checks.
        String(decoding: bytes, as: UTF8.self)
    }

    /// The number of bytes at the end, 0 to 3, that begin a character which further bytes may
    /// complete.
    static func unfinished(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let first = bytes[bytes.count - back]
            if first & 0xC0 == 0x80 { continue }
            return isBeginning(bytes[(bytes.count - back)...]) ? back : 0
        }
        return 0
    }

    /// Whether the bytes begin a character and do not complete it (Unicode 16, table 3-7).
    private static func isBeginning(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first else { return false }
        let length = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1
        guard bytes.count < length else { return false }
        guard let second = bytes.dropFirst().first else { return true }
        switch first {
        case 0xE0: return second >= 0xA0
        case 0xED: return second < 0xA0
        case 0xF0: return second >= 0x90
        case 0xF4: return second < 0x90
        default: return true
        }
    }
}
