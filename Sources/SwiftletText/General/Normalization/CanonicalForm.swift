import CSwiftletUnicode

/// One of Unicode's normalization forms as Hugging Face's tokenizers computes it: with tables of
/// Unicode 9, and for each character what it replaces.
struct CanonicalForm: Sendable {
    /// Whether compatibility characters are decomposed.
    var isCompatible: Bool
    /// Whether characters are composed again.
    var composes: Bool

    private struct Scalar: CombiningScalar {
        var code: UInt32
        var combining: UInt8
        var change: Int32
    }

    /// The normalized text; nil if it is the same.
    func changes(in bytes: UnsafeBufferPointer<UInt8>) -> [AlignedBytes.Change]? {
        guard let base = bytes.baseAddress else { return nil }
        // Below U+0300, a character of one or two bytes, all characters are composed.
        let least: UInt8 = composes && !isCompatible ? 0xCC : 0x80
        guard swiftlet_find_at_least(base, bytes.count, least) < bytes.count else { return nil }
        if composes, !isCompatible, NFC.normalize(bytes) == nil { return nil }
        var scalars: [Scalar] = []
        scalars.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            let (code, length) = CheckedUTF8.decode(base, position, bytes.count)
            decompose(code, into: &scalars)
            position += length
        }
        scalars.sortMarks()
        guard composes else {
            return scalars.map { AlignedBytes.Change($0.code, $0.change) }
        }
        return Self.composed(scalars)
    }

    // MARK: Decomposing

    private func decompose(_ code: UInt32, into scalars: inout [Scalar]) {
        var change: Int32 = 0
        func add(_ code: UInt32) {
            let combining = Self.isNew(code) ? 0 : swiftlet_combining_class(code)
            scalars.append(Scalar(code: code, combining: combining, change: change))
            change = 1
        }
        guard code >= 0xA0 else { return add(code) }
        if let letters = Hangul.decompose(code) {
            add(letters.lead)
            add(letters.vowel)
            if let final = letters.final { add(final) }
            return
        }
        var count = 0
        var parts = isCompatible ? swiftlet_compatibility_decomposition(code, &count) : nil
        if parts == nil, !Self.isNew(code) { parts = swiftlet_decomposition(code, &count) }
        guard let parts else { return add(code) }
        // In bounds: the table states how many there are.
        for index in 0..<count { add(parts[index]) }
    }

    private static func isNew(_ code: UInt32) -> Bool {
        swiftlet_reference_class(code) & UInt8(SWIFTLET_REFERENCE_NEW) != 0
    }

    // MARK: Composing

    private static func composed(_ scalars: [Scalar]) -> [AlignedBytes.Change] {
        var result: [AlignedBytes.Change] = []
        result.reserveCapacity(scalars.count)
        var starter: Int?
        // The class of the last mark since the starter; nil if there is none.
        var last: UInt8?
        for scalar in scalars {
            if let place = starter, last.map({ $0 < scalar.combining }) ?? true,
                let code = composition(result[place].code, scalar.code)
            {
                result[place].code = code
                // One of the two characters is removed.
                result[place].change += scalar.change - 1
                continue
            }
            if scalar.combining == 0 {
                starter = result.count
                last = nil
            } else if starter != nil {
                last = scalar.combining
            }
            result.append(AlignedBytes.Change(scalar.code, scalar.change))
        }
        return result
    }

    private static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if let syllable = Hangul.compose(first, second) { return syllable }
        let composed = swiftlet_composition(first, second)
        return composed == 0 || isNew(composed) ? nil : composed
    }
}
