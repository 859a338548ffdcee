import CSwiftletUnicode

/// Normalizes a segment: decomposes it, sorts its marks and composes the result.
struct Composer {
    private struct Scalar: CombiningScalar {
        var code: UInt32
        var combining: UInt8
    }

    private let tables: NFC.Tables
    private var scalars: [Scalar] = []
    private var bytes: [UInt8] = []

    init(_ tables: NFC.Tables) { self.tables = tables }

    /// The segment in NFC; nil if it already is.
    mutating func compose(_ segment: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard let base = segment.baseAddress else { return nil }
        scalars.removeAll(keepingCapacity: true)
        var position = 0
        while position < segment.count {
            let (code, length) = CheckedUTF8.decode(base, position, segment.count)
            decompose(code)
            position += length
        }
        scalars.sortMarks()
        join()
        bytes.removeAll(keepingCapacity: true)
        for scalar in scalars { append(scalar.code) }
        return bytes.elementsEqual(segment) ? nil : bytes
    }

    private mutating func decompose(_ code: UInt32) {
        if let letters = Hangul.decompose(code) {
            add(letters.lead)
            add(letters.vowel)
            if let final = letters.final { add(final) }
            return
        }
        var count = 0
        guard !isNew(code), let parts = swiftlet_decomposition(code, &count) else {
            return add(code)
        }
        // In bounds: the table states how many there are.
        for index in 0..<count { add(parts[index]) }
    }

    private mutating func add(_ code: UInt32) {
        let combining = swiftlet_combining_class(code)
        scalars.append(
            Scalar(code: code, combining: combining != 0 && isNew(code) ? 0 : combining))
    }

    /// Whether a character is not in the tables.
    private func isNew(_ code: UInt32) -> Bool {
        tables == .reference
            && swiftlet_reference_class(code) & UInt8(SWIFTLET_REFERENCE_NEW) != 0
    }

    /// Composes each starter with those characters after it that are not blocked.
    private mutating func join() {
        var starter: Int?
        var kept = 0
        var last: UInt8 = 0
        for index in scalars.indices {
            let scalar = scalars[index]
            if let place = starter {
                // Blocked: there is a mark of the same or a higher class between the two.
                let isAdjacent = kept == place + 1
                if isAdjacent || last < scalar.combining,
                    let composed = composition(scalars[place].code, scalar.code)
                {
                    scalars[place].code = composed
                    continue
                }
            }
            if scalar.combining == 0 { starter = kept }
            last = scalar.combining
            scalars[kept] = scalar
            kept += 1
        }
        scalars.removeSubrange(kept...)
    }

    private func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if let syllable = Hangul.compose(first, second) { return syllable }
        let composed = swiftlet_composition(first, second)
        return composed == 0 || isNew(composed) ? nil : composed
    }

    private mutating func append(_ code: UInt32) {
        guard let scalar = Unicode.Scalar(code) else { return }
        bytes.append(contentsOf: UTF8.encode(scalar)?.map { $0 } ?? [])
    }
}
