import SwiftletBytes

/// A form of data lines: how one line of a file becomes an example.
///
/// An example is a function of its line, so that lines can be read in any order, on any thread, and
/// again.
public protocol LineReader: Sendable {
    /// The number of tokens beyond which a sequence is cut.
    var maxLength: Int { get }

    /// Reads a line.
    ///
    /// - Parameter line: a JSON object.
    /// - Returns: the example, which may be longer than ``maxLength``.
    /// - Throws: bad data (65) naming the key; no input (66) for a text without tokenizer.
    func example(_ line: ByteView) throws(SwiftletError) -> TrainingExample

    /// What is left of an example when its sequences are cut to ``maxLength``.
    func cut(_ example: TrainingExample) -> TrainingExample
}

extension LineReader {
    /// The example with its sequences cut.
    public func cut(_ example: TrainingExample) -> TrainingExample { example.cut(to: maxLength) }
}

/// The content of a data file.
public struct ExampleContents: Sendable {
    /// The examples, in file order.
    public let examples: [TrainingExample]
    /// The number of lines that were cut at ``LineReader/maxLength``.
    public let truncated: Int
    /// The number of lines that have no target, perhaps because they were cut.
    public let withoutTarget: Int
}

extension LineReader {
    /// Reads a file whose examples all fit in memory; ``ExampleFile`` has the same examples without
    /// that.
    ///
    /// - Throws: bad data (65) naming the line; no input (66).
    public func read(path: String) throws(SwiftletError) -> ExampleContents {
        var examples: [TrainingExample] = []
        let scan = try ExampleScan(of: DataFile(path: path), by: self) { examples.append($1) }
        return ExampleContents(
            examples: examples, truncated: scan.truncated, withoutTarget: scan.withoutTarget)
    }
}
