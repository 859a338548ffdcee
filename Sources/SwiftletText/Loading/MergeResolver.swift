import SwiftletBytes

/// Looks up the merges that a file lists, pairs of spellings, lowest rank first.
struct MergeResolver {
    /// The merges so far.
    private(set) var merges: [Merge] = []
    private let vocabulary: Vocabulary
    private let isByteLevel: Bool
    /// `merges.txt` or the key, for errors.
    private let file: String
    /// How a place is called: `line` or `model.merges`.
    private let noun: String
    /// The two tokens joined, as the vocabulary has them.
    private var joined: [UInt8] = []

    /// A resolver without merges.
    ///
    /// - Parameter isByteLevel: whether tokens are spelled in the byte alphabet, the vocabulary's
    ///   being bytes.
    init(_ vocabulary: Vocabulary, isByteLevel: Bool, file: String, noun: String) {
        self.vocabulary = vocabulary
        self.isByteLevel = isByteLevel
        self.file = file
        self.noun = noun
    }

    private func failure(_ reason: String, _ place: Int) -> SwiftletError {
        SwiftletError(.tokenizerMerge, file: file, reason, at: "\(noun) \(place)")
    }

    /// Adds a merge written as `left right`: two parts with one space between them.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerMerge``, also for a token that the vocabulary lacks.
    mutating func append(line: ArraySlice<UInt8>, place: Int) throws(SwiftletError) {
        guard let space = line.firstIndex(of: 0x20) else {
            throw failure("a merge is two tokens with a space between them", place)
        }
        let (left, right) = (line[..<space], line[(space + 1)...])
        guard !left.isEmpty, !right.isEmpty, !right.contains(0x20) else {
            throw failure("a merge is two tokens with one space between them", place)
        }
        try append(left, right, place: place)
    }

    /// Adds a merge of two spellings.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerMerge`` for a token that the vocabulary lacks.
    mutating func append(
        _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, place: Int
    ) throws(SwiftletError) {
        joined.removeAll(keepingCapacity: true)
        if isByteLevel, ByteAlphabet.append(bytesOf: left, to: &joined) {
            let middle = joined.count
            if ByteAlphabet.append(bytesOf: right, to: &joined) {
                let found = joined.withUnsafeBufferPointer { bytes -> Merge? in
                    guard
                        let first = vocabulary.id(of: .init(rebasing: bytes[..<middle])),
                        let second = vocabulary.id(of: .init(rebasing: bytes[middle...])),
                        let result = vocabulary.id(of: bytes)
                    else { return nil }
                    return Merge(left: first, right: second, result: result)
                }
                if let found { return merges.append(found) }
            }
        }
        merges.append(
            Merge(
                left: try id(of: Array(left), place), right: try id(of: Array(right), place),
                result: try id(of: Array(left + right), place)))
    }

    private func id(of spelling: [UInt8], _ place: Int) throws(SwiftletError) -> Int32 {
        let id =
            isByteLevel
            ? ByteAlphabet.id(of: spelling, in: vocabulary) : vocabulary.id(of: spelling)
        guard let id else {
            let text = String(decoding: spelling, as: UTF8.self)
            throw failure("\"\(text)\" is not in the vocabulary", place)
        }
        return id
    }
}
