/// A character with its canonical combining class.
protocol CombiningScalar {
    /// 0 for a starter; for a mark its class.
    var combining: UInt8 { get }
}

extension Array where Element: CombiningScalar {
    /// Sorts each run of marks by combining class; the sort is stable.
    mutating func sortMarks() {
        var start = 0
        while start < count {
            guard self[start].combining != 0 else {
                start += 1
                continue
            }
            var end = start + 1
            var isSorted = true
            while end < count, self[end].combining != 0 {
                if self[end].combining < self[end - 1].combining { isSorted = false }
                end += 1
            }
            if !isSorted { sortMarks(in: start..<end) }
            start = end
        }
    }

    private mutating func sortMarks(in run: Range<Int>) {
        guard run.count > 16 else {
            for index in run.dropFirst() {
                let scalar = self[index]
                var place = index
                while place > run.lowerBound, self[place - 1].combining > scalar.combining {
                    self[place] = self[place - 1]
                    place -= 1
                }
                self[place] = scalar
            }
            return
        }
        // A counting sort, so that a megabyte of marks takes linear time.
        var byClass = [[Element]](repeating: [], count: 256)
        for scalar in self[run] { byClass[Int(scalar.combining)].append(scalar) }
        replaceSubrange(run, with: byClass.joined())
    }
}
