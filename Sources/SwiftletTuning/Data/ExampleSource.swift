import SwiftletBytes

/// The examples of a run: an array, or a file whose lines are read as the run goes on.
///
/// What an example is made of is known only when it is read. How much it counts is known before:
/// batches, the memory that they need and the number of steps follow from it.
public protocol ExampleSource: Sendable {
    /// The number of examples.
    var count: Int { get }

    /// The number of tokens of an example.
    func tokenCount(at index: Int) -> Int

    /// The number of rows with a target of an example.
    func targetCount(at index: Int) -> Int

    /// Reads an example; called from any thread.
    ///
    /// - Throws: I/O (74); bad data (65) for a file that has changed.
    func example(at index: Int) throws(SwiftletError) -> TrainingExample

    /// A hash over all tokens and targets, which shows whether two runs have the same data.
    var fingerprint: String { get }

    /// Whether the examples are in memory, so that nothing is gained by reading them ahead.
    var isInMemory: Bool { get }
}

extension ExampleSource {
    /// Reads all examples.
    ///
    /// - Throws: as ``example(at:)``.
    public func readAll() throws(SwiftletError) -> [TrainingExample] {
        try examples(at: 0..<count)
    }

    /// Reads some examples.
    func examples(at indices: some Sequence<Int>) throws(SwiftletError) -> [TrainingExample] {
        var examples: [TrainingExample] = []
        for index in indices { examples.append(try example(at: index)) }
        return examples
    }

    /// Whether there is anything to learn.
    var hasTargets: Bool { (0..<count).contains { targetCount(at: $0) > 0 } }
}

extension [TrainingExample]: ExampleSource {
    /// The number of tokens of an element.
    public func tokenCount(at index: Int) -> Int { self[index].tokenCount }

    /// The number of rows with a target of an element.
    public func targetCount(at index: Int) -> Int { self[index].targetCount }

    /// The element.
    public func example(at index: Int) -> TrainingExample { self[index] }

    /// A hash over all tokens and targets.
    public var fingerprint: String {
        var print = Fingerprint()
        for example in self { print.add(example) }
        return print.text
    }

    /// True.
    public var isInMemory: Bool { true }
}
