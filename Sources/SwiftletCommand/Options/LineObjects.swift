import SwiftletBytes
import SwiftletText

/// One line of `--jsonl` input.
struct LineObject {
    let number: Int
    /// The line's keys and values.
    let fields: JSONFields
    /// The name of the file in errors.
    private let file: String?

    /// Reads a line.
    ///
    /// - Parameters:
    ///   - line: the line.
    ///   - file: named in errors.
    /// - Throws: bad data (65) if the line is not a JSON object.
    init(_ line: LineInput.Line, in file: String? = nil) throws(SwiftletError) {
        self.file = file
        var text = line.text
        if line.number == 1 {
            try ForeignContent.refuse(text)
            text = try EncodingMark.skip(text)
        }
        // Python's json writes NaN and Infinity; only a command that uses such a value refuses it.
        fields = try JSONFields(JSONValue.parse(text, allowsNonFinite: true), code: .lineValue)
        number = line.number
        if let id, !id.isStandard {
            throw fields.failure("id", "\(id.excerpt) cannot be repeated in JSON")
        }
    }

    /// The line's `id`, which answers repeat; nil without one.
    var id: JSONValue? { fields.object["id"] }

    /// Puts the line's `id`, if it has one, at the front of an answer.
    func answer(_ pairs: JSONObject) -> JSONObject {
        guard let id else { return pairs }
        var answer: JSONObject = ["id": id]
        for pair in pairs.pairs { answer.append(pair.key, pair.value) }
        return answer
    }

    /// A string; nil if the key is missing or null.
    func string(_ key: String) throws(SwiftletError) -> String? { try fields.string(key) }

    /// An array of token ids; nil if the key is missing or null.
    func ids(_ key: String = "ids") throws(SwiftletError) -> [Int32]? {
        try fields.elements(key, as: "a token id", \.nonNegativeInt32)
    }

    /// Calls `body`; its errors name the line's file and number.
    func located<T>(_ body: () throws(SwiftletError) -> T) throws(SwiftletError) -> T {
        do throws(SwiftletError) {
            return try body()
        } catch {
            throw error.at(line: number, of: file)
        }
    }

    /// The error for a line without the keys that a command needs.
    func lacking(_ keys: String) -> SwiftletError {
        SwiftletError(.lineValue, "needs \(keys)")
    }
}

extension SwiftletError {
    /// The same error with the line of input that it concerns; a file that it names already, such as
    /// the model's, stays.
    fileprivate func at(line number: Int, of file: String?) -> SwiftletError {
        guard let file else { return at("line \(number)") }
        guard let other = self.file, other != file else {
            return inFile(file).at("line \(number)")
        }
        return at("\(file) line \(number)")
    }
}

extension LineInput {
    /// Calls `body` with each line's object; its errors name file and line.
    ///
    /// Answers are flushed whenever no further line is available yet.
    func forEachObject(_ body: (LineObject) throws(SwiftletError) -> Void) throws(SwiftletError) {
        while let lines = try next() {
            for line in lines {
                do throws(SwiftletError) {
                    try body(try LineObject(line, in: name))
                } catch {
                    throw error.at(line: line.number, of: name)
                }
            }
            try StandardOutput.shared.flush()
        }
    }

    /// Calls `body` with the objects of `size` lines at a time, the last time with fewer.
    ///
    /// The lines before a bad one are processed first. `body` adds the line to its errors itself
    /// (``LineObject/located(_:)``).
    func forEachBatch(of size: Int, _ body: ([LineObject]) throws(SwiftletError) -> Void)
        throws(SwiftletError)
    {
        var batch: [LineObject] = []
        while let lines = try next() {
            for line in lines {
                do throws(SwiftletError) {
                    batch.append(try LineObject(line, in: name))
                } catch {
                    if !batch.isEmpty { try body(batch) }
                    throw error.at(line: line.number, of: name)
                }
                if batch.count == size {
                    try body(batch)
                    batch = []
                }
            }
        }
        if !batch.isEmpty { try body(batch) }
    }
}

extension SwiftletError.Code {
    /// A key of a line is missing or has the wrong type.
    static let lineValue = Self("line.value", .badData)
}

extension TextTokenizer {
    /// The spelling of a token in the vocabulary, for a line of a table; empty if it has none.
    func printable(_ id: Int32) -> String { token(of: id)?.printable ?? "" }
}

extension Sequence<Int32> {
    /// The ids as JSON.
    var json: JSONValue { JSONValue(map { Int($0) }) }
}
