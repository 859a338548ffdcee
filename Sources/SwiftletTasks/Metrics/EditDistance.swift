/// The least number of insertions, deletions and substitutions that turn one sequence into another.
enum EditDistance {
    /// The distance of two sequences, in time proportional to the product of what is left of them
    /// without their common beginning and end.
    static func between<Element: Equatable>(_ a: [Element], _ b: [Element]) -> Int {
        let start = zip(a, b).prefix { $0 == $1 }.count
        let end = zip(a.dropFirst(start).reversed(), b.dropFirst(start).reversed())
            .prefix { $0 == $1 }.count
        let rows = a[start..<(a.count - end)]
        let columns = b[start..<(b.count - end)]
        // The distances of the rows so far to each beginning of the columns.
        var distances = Array(0...columns.count)
        for (row, element) in rows.enumerated() {
            var diagonal = row
            distances[0] = row + 1
            for (column, other) in columns.enumerated() {
                let substituted = diagonal + (element == other ? 0 : 1)
                diagonal = distances[column + 1]
                distances[column + 1] = min(substituted, min(diagonal, distances[column]) + 1)
            }
        }
        return distances[columns.count]
    }
}
