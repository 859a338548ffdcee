import SwiftletBytes

/// Batches of examples that are read ahead of their use, each on a thread of its own.
///
/// Which examples a batch has, and in which order batches come, is decided by the caller's thread;
/// other threads only read. Nothing depends on how many there are or which ends first.
final class ExampleQueue {
    private typealias Outcome = Result<[TrainingExample], SwiftletError>

    private let source: any ExampleSource
    private let depth: Int
    private let nextBatch: () -> [Int]?
    private var pending: [BackgroundValue<Outcome>] = []

    /// Creates a queue, which begins to read with the first call of ``next()``.
    ///
    /// - Parameters:
    ///   - source: the examples.
    ///   - depth: the batches in memory besides the one in use.
    ///   - nextBatch: the examples of the next batch; nil at the end.
    init(_ source: any ExampleSource, depth: Int, nextBatch: @escaping () -> [Int]?) {
        self.source = source
        self.depth = source.isInMemory ? 0 : depth
        self.nextBatch = nextBatch
    }

    /// The next batch; nil at the end.
    ///
    /// - Throws: as ``ExampleSource/example(at:)``.
    func next() throws(SwiftletError) -> [TrainingExample]? {
        guard depth > 0 else {
            return try nextBatch().map { (batch) throws(SwiftletError) in
                try source.examples(at: batch)
            }
        }
        // One more than the depth, of which the first is handed out.
        while pending.count <= depth, let batch = nextBatch() {
            pending.append(
                BackgroundValue { [source] in
                    Outcome { () throws(SwiftletError) in try source.examples(at: batch) }
                })
        }
        guard !pending.isEmpty else { return nil }
        return try pending.removeFirst().value?.get()
    }
}
