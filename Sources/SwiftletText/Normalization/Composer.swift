import CSwiftletUnicode

/// Normalizes a segment: decomposes it, sorts its marks and composes the result.
struct Composer {
    private struct Scalar {
        var code: UInt32
        var combining: UInt8
    }

    private var scalars: [Scalar] = []
    private var bytes: [UInt8] = []

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
        order()
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
        guard let parts = swiftlet_decomposition(code, &count) else { return add(code) }
        // In bounds: the table states how many there are.
        for index in 0..<count { add(parts[index]) }
    }

    private mutating func add(_ code: UInt32) {
        scalars.append(Scalar(code: code, combining: swiftlet_combining_class(code)))
    }

    /// Sorts each run of marks by combining class; the sort is stable.
    private mutating func order() {
        var start = 0
        while start < scalars.count {
            guard scalars[start].combining != 0 else {
                start += 1
                continue
            }
            var end = start + 1
            var isSorted = true
            while end < scalars.count, scalars[end].combining != 0 {
                if scalars[end].combining < scalars[end - 1].combining { isSorted = false }
                end += 1
            }
            if !isSorted { sort(start..<end) }
            start = end
        }
    }

    /// Sorts marks by combining class; the sort is stable.
    private mutating func sort(_ run: Range<Int>) {
        guard run.count > 16 else {
            for index in run.dropFirst() {
                let scalar = scalars[index]
                var place = index
                while place > run.lowerBound, scalars[place - 1].combining > scalar.combining {
                    scalars[place] = scalars[place - 1]
                    place -= 1
                }
                scalars[place] = scalar
            }
            return
        }
        // A counting sort, so that a megabyte of marks takes linear time.
        var byClass = [[Scalar]](repeating: [], count: 256)
        for scalar in scalars[run] { byClass[Int(scalar.combining)].append(scalar) }
        scalars.replaceSubrange(run, with: byClass.joined())
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
        return composed == 0 ? nil : composed
    }

    private mutating func append(_ code: UInt32) {
        guard let scalar = Unicode.Scalar(code) else { return }
        bytes.append(contentsOf: UTF8.encode(scalar)?.map { $0 } ?? [])
    }
}
