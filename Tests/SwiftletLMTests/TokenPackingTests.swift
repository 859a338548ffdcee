import Testing

@testable import SwiftletLM

@Suite struct TokenPackingTests {
    @Test(arguments: [
        ([3, 3, 3, 10, 0, 1], 6, [0..<2, 2..<3, 3..<4, 4..<6]),
        ([3, 3, 3, 10, 0, 1], 0, [0..<1, 1..<2, 2..<3, 3..<4, 4..<5, 5..<6]),
        ([7, 7], 6, [0..<1, 1..<2]), ([1, 1, 1], 100, [0..<3]), ([], 6, []), ([0], 6, [0..<1]),
        ([5, 1, 0], 6, [0..<2, 2..<3]),
    ])
    func batchesAreFilledInOrder(_ counts: [Int], _ limit: Int, _ expected: [Range<Int>]) {
        #expect(TokenPacking.ranges(counts, limit: limit) == expected)
    }
}
