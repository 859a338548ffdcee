import CSwiftletUnicode

/// The classes of characters that patterns distinguish.
///
/// A character is a letter, a number, white space or none of these.
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

    /// The class of a code point, which is a number also if only `Digits` knows it as one: that of
    /// Hugging Face's tokenizers follows a newer version of Unicode than their patterns.
    @inline(__always)
    init(_ code: UInt32, knowsNewerNumbers: Bool) {
        let isNewer =
            knowsNewerNumbers && code >= 0x80
            && swiftlet_reference_class(code) & UInt8(SWIFTLET_REFERENCE_NUMERIC) != 0
        self = isNewer ? .number : CharacterClass(code)
    }

    /// Whether a code point matches `\w` in Rust's regular expressions.
    static func isWord(_ code: UInt32) -> Bool {
        swiftlet_unicode_class(code) & UInt8(SWIFTLET_UNICODE_WORD) != 0
    }
}
