import CSwiftletUnicode

/// The categories of a character that the patterns of newer models distinguish.
///
/// ``CharacterClass`` has fewer and is what the older patterns need.
struct CharacterCategory: OptionSet {
    let rawValue: UInt8

    static let letter = Self(rawValue: UInt8(SWIFTLET_UNICODE_LETTER))
    static let number = Self(rawValue: UInt8(SWIFTLET_UNICODE_NUMBER))
    static let space = Self(rawValue: UInt8(SWIFTLET_UNICODE_SPACE))
    static let mark = Self(rawValue: UInt8(SWIFTLET_CATEGORY_MARK))
    /// Uppercase and titlecase letters, which are also letters.
    static let upper = Self(rawValue: UInt8(SWIFTLET_CATEGORY_UPPER))
    /// Lowercase letters, which are also letters.
    static let lower = Self(rawValue: UInt8(SWIFTLET_CATEGORY_LOWER))
    static let punctuation = Self(rawValue: UInt8(SWIFTLET_CATEGORY_PUNCTUATION))
    static let symbol = Self(rawValue: UInt8(SWIFTLET_CATEGORY_SYMBOL))

    @inline(__always)
    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The categories of a code point.
    @inline(__always)
    init(_ code: UInt32) { rawValue = swiftlet_unicode_category(code) }

    /// Whether any of the given categories is among these.
    @inline(__always)
    func isAny(of categories: CharacterCategory) -> Bool { rawValue & categories.rawValue != 0 }
}
