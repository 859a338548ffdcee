import SwiftletBytes

/// What is labelled: the texts or prompts of a data set, with their places for errors.
public struct LabelSource: Sendable {
    /// The examples.
    public enum Content: Sendable {
        /// Texts or tokens to classify.
        case inputs([LabelInput])
        /// Prompts to respond to.
        case prompts([String])
    }

    /// The examples, in order.
    public let content: Content
    /// The file that they are from, for errors.
    public let path: String
    /// The line of each example in that file.
    public let lines: [Int]

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - content: the examples, in order.
    ///   - path: the file that they are from, for errors.
    ///   - lines: the line of each example in that file.
    public init(_ content: Content, path: String, lines: [Int]) {
        self.content = content
        self.path = path
        self.lines = lines
    }

    /// The number of examples.
    public var count: Int { lines.count }

    /// Calls `body` with each item; its errors name the item's line.
    func located<Item, Result>(
        _ items: [Item], _ body: (Item) throws(SwiftletError) -> Result
    ) throws(SwiftletError) -> [Result] {
        var results: [Result] = []
        results.reserveCapacity(items.count)
        for (item, line) in zip(items, lines) {
            do throws(SwiftletError) {
                results.append(try body(item))
            } catch {
                // A tokenizer that cannot be opened names its own file.
                throw error.file == nil ? error.inFile(path).at("line \(line)") : error
            }
        }
        return results
    }

    /// Calls `body`; its errors name the lines of a batch, unless they name a file already.
    func located<Result>(
        _ batch: Range<Int>, _ body: () throws(SwiftletError) -> Result
    ) throws(SwiftletError) -> Result {
        do throws(SwiftletError) {
            return try body()
        } catch {
            guard error.file == nil else { throw error }
            let (first, last) = (lines[batch.lowerBound], lines[batch.upperBound - 1])
            throw error.inFile(path).at("lines \(first) to \(last)")
        }
    }
}
