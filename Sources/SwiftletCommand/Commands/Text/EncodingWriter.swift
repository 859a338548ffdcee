import SwiftletBytes
import SwiftletText

/// Writes encodings to standard output piece by piece, so that the answer for a long text takes
/// little more memory than the encoding itself.
struct EncodingWriter {
    private let tokenizer: TextTokenizer
    private let out = StandardOutput.shared
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
        out.bytes("{".utf8)
        if let id { out.bytes("\"id\":\(id.text()),".utf8) }
        out.bytes("\"ids\":[".utf8)
        for (index, id) in encoding.ids.enumerated() {
            if index > 0 { out.byte(UInt8(ascii: ",")) }
            out.number(Int(id))
        }
        out.bytes("],\"tokens\":[".utf8)
        for (index, id) in encoding.ids.enumerated() {
            if index > 0 { out.byte(UInt8(ascii: ",")) }
            spelling(id)
        }
        out.bytes("],\"offsets\":[".utf8)
        for (index, range) in encoding.offsets.enumerated() {
            out.bytes(index > 0 ? ",[".utf8 : "[".utf8)
            out.number(range.lowerBound)
            out.byte(UInt8(ascii: ","))
            out.number(range.upperBound)
            out.byte(UInt8(ascii: "]"))
        }
        out.write("]}\n")
    }

    private mutating func spelling(_ id: Int32) {
        let index = Int(id)
        guard spellings.indices.contains(index) else { return out.bytes(json(id)) }
        if spellings[index].isEmpty { spellings[index] = json(id) }
        out.bytes(spellings[index])
    }

    private func json(_ id: Int32) -> [UInt8] {
        let value: JSONValue = tokenizer.token(of: id).map { .string($0) } ?? .null
        return Array(value.text().utf8)
    }
}
