/// The known name that somebody probably meant.
enum NearestName {
    /// Finds the name with the least edit distance.
    ///
    /// - Parameters:
    ///   - name: what was written.
    ///   - names: what is known.
    /// - Returns: the nearest name, of equal ones the first; nil if none is near: more than a third
    ///   of the longer name, and more than one, would have to change.
    static func of(_ name: String, among names: [String]) -> String? {
        var best: (name: String, distance: Int)?
        let written = normalized(name)
        for candidate in names {
            let other = normalized(candidate)
            let distance = distance(written, other)
            let limit = max(1, max(written.count, other.count) / 3)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// Case and the kind of hyphen are no difference.
    private static func normalized(_ name: String) -> [Unicode.Scalar] {
        name.lowercased().unicodeScalars.prefix(200).map { $0 == "-" ? "_" : $0 }
    }

    /// The least number of insertions, deletions, substitutions and swaps of neighbours (optimal
    /// string alignment).
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var row = [i + 1]
            for (j, y) in b.enumerated() {
                var best = min(last[j] + (x == y ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, x == b[j - 1], a[i - 1] == y {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
