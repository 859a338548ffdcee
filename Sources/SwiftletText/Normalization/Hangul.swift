/// The arithmetic of Hangul syllables (Unicode 16, section 3.12).
enum Hangul {
    private static let syllables: UInt32 = 0xAC00
    private static let leads: UInt32 = 0x1100
    private static let vowels: UInt32 = 0x1161
    /// One below the first final consonant, because "no final consonant" is counted too.
    private static let finals: UInt32 = 0x11A7
    private static let leadCount: UInt32 = 19
    private static let vowelCount: UInt32 = 21
    private static let finalCount: UInt32 = 28
    private static let syllableCount = leadCount * vowelCount * finalCount

    /// The letters of a syllable, of which the last may be missing; nil for any other character.
    @inline(__always)
    static func decompose(_ code: UInt32) -> (lead: UInt32, vowel: UInt32, final: UInt32?)? {
        guard code >= syllables, code < syllables + syllableCount else { return nil }
        let index = code - syllables
        let perLead = vowelCount * finalCount
        let final = index % finalCount
        return (
            leads + index / perLead, vowels + index % perLead / finalCount,
            final > 0 ? finals + final : nil
        )
    }

    /// The syllable of two characters; nil if they do not make one.
    static func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if first >= leads, first < leads + leadCount, second >= vowels,
            second < vowels + vowelCount
        {
            let index = (first - leads) * vowelCount + second - vowels
            return syllables + index * finalCount
        }
        if first >= syllables, first < syllables + syllableCount,
            (first - syllables) % finalCount == 0, second > finals,
            second < finals + finalCount
        {
            return first + second - finals
        }
        return nil
    }
}
