import SwiftletText

/// The groups by their definition, byte by byte and token by token.
enum ReferenceAlignment {
    static func groups(_ a: [Range<Int>], _ b: [Range<Int>], byteCount: Int)
        -> [TokenAlignment.Group]
    {
        guard byteCount > 0 else {
            return a.isEmpty && b.isEmpty
                ? [] : [TokenAlignment.Group(bytes: 0..<0, a: a.indices, b: b.indices)]
        }
        let tokens = (a + b).filter { !$0.isEmpty }
        let cuts = (1..<byteCount).filter { place in
            tokens.contains { $0.lowerBound == place || $0.upperBound == place }
                && !tokens.contains { $0.lowerBound < place && place < $0.upperBound }
        }
        return zip([0] + cuts, cuts + [byteCount]).map { start, end in
            func members(_ side: [Range<Int>]) -> Range<Int> {
                let inside = side.indices.filter { index in
                    let place = side[index].lowerBound
                    return start <= place && (place < end || end == byteCount)
                }
                let before = side.indices.filter { side[$0].lowerBound < start }.count
                return before..<before + inside.count
            }
            return TokenAlignment.Group(bytes: start..<end, a: members(a), b: members(b))
        }
    }
}
