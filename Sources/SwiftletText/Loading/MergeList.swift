import SwiftletBytes

/// Merges as a file lists them: pairs of spellings, lowest rank first, with the line or index that
/// each stands at.
struct MergeList {
    private var bytes: [UInt8] = []
    private var merges: [(start: Int, left: Int, right: Int, place: Int)] = []
    /// `merges.txt` or the key, for errors.
    private let file: String
    /// How a place is called: `line` or `model.merges`.
    private let noun: String

    init(file: String, noun: String) {
        self.file = file
        self.noun = noun
    }

    private func failure(_ reason: String, _ place: Int) -> SwiftletError {
        SwiftletError(.tokenizerMerge, file: file, reason, at: "\(noun) \(place)")
    }

    /// Adds a merge written as `left right`: two parts with one space between them.
    mutating func append(line: ArraySlice<UInt8>, place: Int) throws(SwiftletError) {
        guard let space = line.firstIndex(of: 0x20) else {
            throw failure("a merge is two tokens with a space between them", place)
        }
        let (left, right) = (line[..<space], line[(space + 1)...])
        guard !left.isEmpty, !right.isEmpty, !right.contains(0x20) else {
            throw failure("a merge is two tokens with one space between them", place)
        }
        append(left, right, place: place)
    }

    /// Adds a merge of two spellings.
    mutating func append(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, place: Int) {
        merges.append((bytes.count, left.count, right.count, place))
        bytes.append(contentsOf: left)
        bytes.append(contentsOf: right)
    }

    /// The merges as ids.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerMerge`` for a token that the vocabulary lacks.
    func resolve(_ vocabulary: Vocabulary) throws(SwiftletError) -> [Merge] {
        var resolved: [Merge] = []
        resolved.reserveCapacity(merges.count)
        for (start, left, right, place) in merges {
            let middle = start + left
            let parts = (bytes[start..<middle], bytes[middle..<middle + right])
            let whole = bytes[start..<middle + right]
            var ids: [Int32] = []
            for spelling in [parts.0, parts.1, whole] {
                guard let id = vocabulary.id(of: spelling) else {
                    let text = String(decoding: spelling, as: UTF8.self)
                    throw failure("\"\(text)\" is not in the vocabulary", place)
                }
                ids.append(id)
            }
            resolved.append(Merge(left: ids[0], right: ids[1], result: ids[2]))
        }
        return resolved
    }
}
