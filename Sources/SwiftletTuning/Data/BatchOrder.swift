import SwiftletBytes

/// Which examples make up the batch of each step: a function of these numbers, so that a resumed run
/// needs no state of a random number generator.
public struct BatchOrder: Sendable {
    /// The number of examples.
    public let lineCount: Int
    /// Examples per batch; the last batch of an epoch may be shorter.
    public let batchSize: Int
    /// The seed of the shuffling; nil keeps the order of the data.
    public let seed: UInt64?

    private var shuffled: (epoch: Int, lines: [Int])?

    /// Creates an order.
    public init(lineCount: Int, batchSize: Int, seed: UInt64?) {
        precondition(lineCount > 0 && batchSize > 0)
        self.lineCount = lineCount
        self.batchSize = batchSize
        self.seed = seed
    }

    /// Steps in one pass over the data.
    public var stepsPerEpoch: Int { (lineCount - 1) / batchSize + 1 }

    /// The examples of the step that follows `done` steps.
    public mutating func lines(after done: Int) -> [Int] {
        let (epoch, position) = done.quotientAndRemainder(dividingBy: stepsPerEpoch)
        // Cannot overflow, however large the batch size is.
        let start = position * batchSize
        let range = start..<start + min(batchSize, lineCount - start)
        guard let seed else { return Array(range) }
        if shuffled?.epoch != epoch {
            // Each epoch is shuffled by its own stream, seeded by one output of the run's seed.
            var streams = SplitMix64(seed: seed)
            var start = streams.next()
            for _ in 0..<epoch { start = streams.next() }
            var random = SplitMix64(seed: start)
            shuffled = (epoch, random.permutation(lineCount))
        }
        return shuffled.map { Array($0.lines[range]) } ?? []
    }
}
