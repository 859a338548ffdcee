import Testing

@testable import SwiftletCompute

@Suite struct TopKTests {
    /// All indices in the order that the heap must produce, by sorting the whole row.
    private static func sorted(_ row: [Float]) -> [Int] {
        row.indices.filter { !row[$0].isNaN }.sorted {
            row[$0] != row[$1] ? row[$0] > row[$1] : $0 < $1
        }
    }

    private static func indices(_ row: [Float], _ count: Int) -> [Int] {
        row.withUnsafeBufferPointer { $0.indicesOfLargest(count) }
    }

    @Test(arguments: [0, 1, 2, 7, 100, 5000])
    func largestElementsAreThoseOfASortedRow(_ length: Int) {
        var samples = Samples(90)
        let random = (0..<length).map { _ in samples.number() }
        // Many equal elements, zeros of both signs among them.
        let ties = random.map { ($0 * 4).rounded() }
        var odd = random
        for index in stride(from: 0, to: length, by: 3) { odd[index] = .nan }
        for index in stride(from: 1, to: length, by: 7) { odd[index] = -.infinity }
        for index in stride(from: 2, to: length, by: 11) { odd[index] = .infinity }
        for row in [random, ties, odd, random.sorted(), random.sorted(by: >)] {
            let expected = Self.sorted(row)
            for count in [0, 1, 2, 5, 50, 4999, 10_000] {
                #expect(Self.indices(row, count) == Array(expected.prefix(count)))
            }
        }
        #expect(Self.indices([Float](repeating: .nan, count: length), 5).isEmpty)
    }

    @Test func tokensComeWithTheirLogProbabilities() {
        let logits = Matrix(rows: 2, columns: 4, [1, 3, 2, 3, -1, -2, 0, -1])
        for context in contexts {
            let sums = context.logSumExp(logits)
            let best = context.topK(logits, logSumExp: sums, count: 3)
            #expect(best.map(\.ids) == [[1, 3, 2], [2, 0, 3]])
            #expect(best[0].logProbabilities == [3 - sums[0], 3 - sums[0], 2 - sums[0]])
            #expect(best[1].logProbabilities == [0 - sums[1], -1 - sums[1], -1 - sums[1]])
        }
    }
}
