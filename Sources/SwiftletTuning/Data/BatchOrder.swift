import SwiftletBytes

/// Which lines make up the batch of each step: a function of the numbers given, so that a resumed
/// run needs no state of a generator.
public struct BatchOrder: Sendable {
    /// Lines in the data.
    public let lineCount: Int
    /// Lines in a batch; the last of an epoch may be shorter.
    public let batchSize: Int
    /// The seed of the shuffles; nil keeps the file's order.
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

    /// The lines of the step before which `done` steps were made.
    public mutating func lines(after done: Int) -> [Int] {
        let (epoch, position) = done.quotientAndRemainder(dividingBy: stepsPerEpoch)
        // Without overflow, however large a batch is asked for.
        let start = position * batchSize
        let range = start..<start + min(batchSize, lineCount - start)
        guard let seed else { return Array(range) }
        if shuffled?.epoch != epoch {
            // Each epoch has its own stream: the epoch's number picks one of the seed's outputs.
            var streams = SplitMix64(seed: seed)
            var start = streams.next()
            for _ in 0..<epoch { start = streams.next() }
            var random = SplitMix64(seed: start)
            shuffled = (epoch, random.permutation(lineCount))
        }
        return shuffled.map { Array($0.lines[range]) } ?? []
    }
}
