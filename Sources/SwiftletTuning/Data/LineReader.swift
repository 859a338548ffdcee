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
    /// Reads the file at `path`.
    ///
    /// - Throws: bad data (65) naming the line; no input (66).
    public func read(path: String) throws(SwiftletError) -> ExampleContents {
        let file = try MappedFile(path: path)
        var examples: [TrainingExample] = []
        var truncated = 0
        for line in JSONLines(file.bytes) {
            do throws(SwiftletError) {
                var example = try example(line.text)
                if example.longestSequence > maxLength {
                    example = example.prefix(maxLength)
                    truncated += 1
                }
                examples.append(example)
            } catch {
                throw error.inFile(path).at("line \(line.number)")
            }
        }
        guard examples.contains(where: { $0.targetCount > 0 }) else {
            throw SwiftletError(.noExamples, file: path, "there is no token to train on")
        }
        return ExampleContents(
            examples: examples, truncated: truncated,
            withoutTarget: examples.count { $0.targetCount == 0 })
    }
}
