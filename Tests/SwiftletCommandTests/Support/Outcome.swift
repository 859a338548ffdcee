import Foundation
import SwiftletBytes
import Testing

/// The outcome of a command.
struct Outcome {
    /// The exit status; 128 plus the signal's number if a signal ended it, as in shells.
    let status: Int32
    /// All of stdout.
    let output: String
    /// All of stderr.
    let errors: String

    /// The lines of stdout.
    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The lines of stderr that are not notes.
    var complaints: [String] {
        errors.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("note: ") }
    }

    /// Expects status 0 and no complaints.
    @discardableResult
    func succeeded(sourceLocation: SourceLocation = #_sourceLocation) -> Outcome {
        #expect(status == 0, "\(errors)", sourceLocation: sourceLocation)
        #expect(complaints == [], sourceLocation: sourceLocation)
        return self
    }

    /// Stdout as JSON objects, one per line.
    func objects(sourceLocation: SourceLocation = #_sourceLocation) throws -> [JSONValue] {
        succeeded(sourceLocation: sourceLocation)
        return try lines.map { line in
            // Another parser must accept it too.
            #expect(throws: Never.self, sourceLocation: sourceLocation) {
                try JSONSerialization.jsonObject(with: Data(line.utf8))
            }
            let value = try JSONValue.parse(ByteView(Array(line.utf8)))
            _ = try #require(value.object, sourceLocation: sourceLocation)
            return value
        }
    }

    /// Stdout as one JSON object.
    func object(sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONValue {
        let objects = try objects(sourceLocation: sourceLocation)
        #expect(objects.count == 1, "\(output)", sourceLocation: sourceLocation)
        return try #require(objects.first, sourceLocation: sourceLocation)
    }

    /// Expects a failure: a status and, on stderr, one line `error: BEGINNING…` that contains some
    /// words, followed only by hints.
    ///
    /// - Parameters:
    ///   - status: the exit status.
    ///   - beginning: usually the file concerned, with a colon.
    ///   - words: other parts of the line.
    ///   - output: the expected stdout.
    ///   - sourceLocation: the place of the expectation.
    func failed(
        _ status: Int32, _ beginning: String, mentioning words: String..., output: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        failed(
            status, beginning, mentioning: words, output: output, sourceLocation: sourceLocation)
    }

    /// The same, with the words in an array.
    func failed(
        _ status: Int32, _ beginning: String, mentioning words: [String], output: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(self.status == status, "\(errors)", sourceLocation: sourceLocation)
        #expect(self.output == output, sourceLocation: sourceLocation)
        let line = complaints.first ?? ""
        #expect(line.hasPrefix("error: \(beginning)"), "\(errors)", sourceLocation: sourceLocation)
        for word in words {
            #expect(line.contains(word), "\(errors)", sourceLocation: sourceLocation)
        }
        #expect(
            complaints.dropFirst().allSatisfy { $0.hasPrefix("hint: ") }, "\(errors)",
            sourceLocation: sourceLocation)
    }
}
