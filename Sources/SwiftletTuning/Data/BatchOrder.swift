import SwiftletBytes
import SwiftletLM

/// Which examples make up the batch of each step: a function of these numbers, so that a resumed run
/// needs no state of a random number generator.
///
/// Each epoch is shuffled by its own stream: epoch e by `SplitMix64` with the number e (from 0) of
/// the run's seed as its seed.
public struct BatchOrder: Sendable {
    /// How examples are put together.
    public enum Grouping: Sendable, Equatable {
        /// In their order, `batchSize` at a time.
        case lines
        /// Examples of similar length: the epoch's order is cut into windows of ``windowBatches``
        /// batches, the examples of each window are sorted from the longest to the shortest, those
        /// of one length in their order, and every `batchSize` of them are a batch. If there is a
        /// seed, the epoch's stream then shuffles the batches, except a short one at the end.
        case lengths
        /// Rows of up to `tokens` tokens, as many examples as fit; a longer example is a row by
        /// itself. The examples are laid in rows once, in the order of the first epoch's ``lines``;
        /// epochs then order rows as they order examples otherwise, and `batchSize` counts rows.
        case rows(tokens: Int)
    }

    /// Batches in a window of examples that are sorted by length.
    public static let windowBatches = 50

    /// The number of examples.
    public let lineCount: Int
    /// Examples per batch, or rows; the last batch of an epoch may be shorter.
    public let batchSize: Int
    /// The seed of the shuffling; nil keeps the order of the data.
    public let seed: UInt64?

    /// What a batch counts: examples, or rows of them.
    private let unitCount: Int
    /// The examples of all rows; nil if each is a row.
    private let rows: Rows?
    /// The tokens of each example, if batches are of similar lengths.
    private let lengths: [UInt32]?
    private var epochOrder: (epoch: Int, units: [Int])?

    private struct Rows {
        /// The examples, row after row.
        let lines: [Int]
        /// Where each row begins, and the end.
        let starts: [Int]
    }

    /// Creates an order of examples of any length.
    public init(lineCount: Int, batchSize: Int, seed: UInt64?) {
        self.init(
            lineCount: lineCount, batchSize: batchSize, seed: seed, grouping: .lines,
            tokenCount: { _ in 0 })
    }

    /// Creates an order.
    ///
    /// - Parameters:
    ///   - lineCount: the number of examples, at least one.
    ///   - batchSize: what a batch counts, at least one.
    ///   - seed: the seed of the shuffling; nil keeps the order of the data.
    ///   - grouping: how examples are put together.
    ///   - tokenCount: the number of tokens of an example.
    public init(
        lineCount: Int, batchSize: Int, seed: UInt64?, grouping: Grouping,
        tokenCount: (Int) -> Int
    ) {
        precondition(lineCount > 0 && batchSize > 0)
        self.lineCount = lineCount
        self.batchSize = batchSize
        self.seed = seed
        switch grouping {
        case .lines: (unitCount, rows, lengths) = (lineCount, nil, nil)
        case .lengths:
            let counts = (0..<lineCount).map { UInt32(clamping: tokenCount($0)) }
            (unitCount, rows, lengths) = (lineCount, nil, counts)
        case .rows(let limit):
            var random = Self.stream(seed, epoch: 0)
            let lines = random?.permutation(lineCount) ?? Array(0..<lineCount)
            let ranges = TokenPacking.ranges(lines.lazy.map(tokenCount), limit: limit)
            unitCount = ranges.count
            rows = Rows(lines: lines, starts: ranges.map(\.lowerBound) + [lineCount])
            lengths = nil
        }
    }

    /// Steps in one pass over the data.
    public var stepsPerEpoch: Int { (unitCount - 1) / batchSize + 1 }

    /// The examples of the step that follows `done` steps.
    public mutating func lines(after done: Int) -> [Int] {
        let (epoch, position) = done.quotientAndRemainder(dividingBy: stepsPerEpoch)
        if epochOrder?.epoch != epoch { epochOrder = (epoch, units(epoch: epoch)) }
        // Cannot overflow, however large the batch size is.
        let start = position * batchSize
        let units = epochOrder?.units[start..<start + min(batchSize, unitCount - start)] ?? []
        guard let rows else { return Array(units) }
        return units.flatMap { rows.lines[rows.starts[$0]..<rows.starts[$0 + 1]] }
    }

    /// The stream of an epoch: seeded by one output of the run's seed.
    private static func stream(_ seed: UInt64?, epoch: Int) -> SplitMix64? {
        guard let seed else { return nil }
        var streams = SplitMix64(seed: seed)
        streams.skip(UInt64(epoch))
        return SplitMix64(seed: streams.next())
    }

    /// The units of an epoch in the order of its batches.
    private func units(epoch: Int) -> [Int] {
        var random = Self.stream(seed, epoch: epoch)
        let units = random?.permutation(unitCount) ?? Array(0..<unitCount)
        guard let lengths else { return units }
        let window = batchSize.multipliedReportingOverflow(by: Self.windowBatches)
        let windowSize = window.overflow ? unitCount : min(window.partialValue, unitCount)
        var sorted: [Int] = []
        sorted.reserveCapacity(unitCount)
        for first in stride(from: 0, to: unitCount, by: windowSize) {
            let places = first..<min(first + windowSize, unitCount)
            sorted += places.sorted {
                (lengths[units[$1]], $0) < (lengths[units[$0]], $1)
            }.map { units[$0] }
        }
        let full = unitCount / batchSize
        guard let batches = random?.permutation(full) else { return sorted }
        return batches.flatMap { sorted[$0 * batchSize..<($0 + 1) * batchSize] }
            + sorted[full * batchSize..<unitCount]
    }
}
