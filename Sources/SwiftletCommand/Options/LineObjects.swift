import SwiftletBytes
import SwiftletText

/// One line of `--jsonl` input.
struct LineObject {
    let object: JSONObject
    let number: Int
    /// The name of the file in errors.
    private let file: String?

    /// Reads a line.
    ///
    /// - Parameters:
    ///   - line: the line.
    ///   - file: named in errors.
    /// - Throws: bad data (65) for what is no object.
    init(_ line: LineInput.Line, in file: String? = nil) throws(SwiftletError) {
        self.file = file
        guard case .object(let object) = try JSONValue.parse(line.text) else {
            throw SwiftletError(.lineValue, "a JSON object is expected")
        }
        self.object = object
        number = line.number
    }

    /// An answer that begins with the line's `id`, if it has one.
    func answer(_ pairs: JSONObject) -> JSONObject {
        guard let id = object["id"] else { return pairs }
        var answer: JSONObject = ["id": id]
        for pair in pairs.pairs { answer.append(pair.key, pair.value) }
        return answer
    }

    /// A string; null counts as absent, as in all that follows.
    func string(_ key: String) throws(SwiftletError) -> String? {
        guard let value = object[key], value != .null else { return nil }
        guard let string = value.string else {
            throw SwiftletError(.lineValue, "a string is expected", at: "key \"\(key)\"")
        }
        return string
    }

    /// An array of token ids.
    func ids(_ key: String = "ids") throws(SwiftletError) -> [Int32]? {
        guard let value = object[key], value != .null else { return nil }
        guard let array = value.array else {
            throw SwiftletError(.lineValue, "an array is expected", at: "key \"\(key)\"")
        }
        var ids: [Int32] = []
        ids.reserveCapacity(array.count)
        for (index, item) in array.enumerated() {
            guard let number = item.int, let id = Int32(exactly: number), id >= 0 else {
                throw SwiftletError(
                    .lineValue, "\(item.text()) is not a token id",
                    at: "key \"\(key)\", element \(index)")
            }
            ids.append(id)
        }
        return ids
    }

    /// Does something with the line; errors name its file and number.
    func located<T>(_ body: () throws(SwiftletError) -> T) throws(SwiftletError) -> T {
        do throws(SwiftletError) {
            return try body()
        } catch {
            let located = error.at("line \(number)")
            throw file.map { located.inFile($0) } ?? located
        }
    }

    /// The error of a line that has none of the keys that a command takes.
    func lacking(_ keys: String) -> SwiftletError {
        SwiftletError(.lineValue, "needs \(keys)")
    }
}

extension LineInput {
    /// Calls `body` with each line's object; errors name file and line.
    ///
    /// What was answered is handed on as soon as no further line is there.
    func forEachObject(_ body: (LineObject) throws(SwiftletError) -> Void) throws(SwiftletError) {
        while let lines = try next() {
            for line in lines {
                do throws(SwiftletError) {
                    try body(try LineObject(line, in: name))
                } catch {
                    throw error.inFile(name).at("line \(line.number)")
                }
            }
            try StandardOutput.shared.flush()
        }
    }

    /// Calls `body` with so many lines' objects at a time, at the end with fewer; the lines before
    /// a bad one are done first. Errors of `body` are its own to locate (``LineObject/located(_:)``).
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
                    throw error.inFile(name).at("line \(line.number)")
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
    /// A line's key is missing or of the wrong type.
    static let lineValue = Self("line.value", .badData)
}

extension TextTokenizer {
    /// The vocabulary's spelling of tokens, as JSON.
    func spellings(_ ids: [Int32]) -> JSONValue {
        .array(ids.map { id in token(of: id).map { .string($0) } ?? .null })
    }
}

extension Sequence<Int32> {
    /// The ids as JSON.
    var json: JSONValue { JSONValue(map { Int($0) }) }
}
