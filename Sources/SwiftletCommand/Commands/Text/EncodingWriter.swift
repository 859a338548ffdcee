import SwiftletBytes
import SwiftletText

/// Writes encodings to standard output piece by piece, so that the answer for a long text takes
/// little more memory than the encoding itself.
struct EncodingWriter {
    private let tokenizer: TextTokenizer
    /// The spelling of each token as JSON; empty where it has not been needed yet.
    private var spellings: [[UInt8]]

    init(_ tokenizer: TextTokenizer) {
        self.tokenizer = tokenizer
        spellings = Array(repeating: [], count: tokenizer.vocabularyCount)
    }

    /// Writes `{"id":…,"ids":[…],"tokens":[…],"offsets":[[…],…]}` as one line.
    ///
    /// - Parameters:
    ///   - encoding: the encoding.
    ///   - id: repeated at the front; nil to leave it out.
    mutating func object(_ encoding: Encoding, id: JSONValue? = nil) {
        var out = OutputPieces(objectWithID: id)
        out.add("\"ids\":[")
        for (index, id) in encoding.ids.enumerated() {
            if index > 0 { out.add(",") }
            out.add(Int(id))
        }
        out.add("],\"tokens\":[")
        for (index, id) in encoding.ids.enumerated() {
            if index > 0 { out.add(",") }
            out.add(spelling(id))
        }
        out.add("],\"offsets\":[")
        for (index, range) in encoding.offsets.enumerated() {
            out.add(index > 0 ? ",[" : "[")
            out.add(range.lowerBound)
            out.add(",")
            out.add(range.upperBound)
            out.add("]")
        }
        out.add("]}")
        out.line()
    }

    private mutating func spelling(_ id: Int32) -> [UInt8] {
        let index = Int(id)
        guard spellings.indices.contains(index) else { return json(id) }
        if spellings[index].isEmpty { spellings[index] = json(id) }
        return spellings[index]
    }

    private func json(_ id: Int32) -> [UInt8] {
        let value: JSONValue = tokenizer.token(of: id).map { .string($0) } ?? .null
        return Array(value.text().utf8)
    }
}
