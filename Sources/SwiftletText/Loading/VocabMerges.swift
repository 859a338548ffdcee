import CSwiftletUnicode
import SwiftletBytes

/// Reads the older form: `vocab.json` and `merges.txt`.
enum VocabMerges {
    /// Reads both files, which are known to exist.
    static func read(vocab: String, merges: String) throws(SwiftletError) -> BytePairModel {
        var reader = JSONReader(try MappedFile.json(path: vocab), file: vocab)
        guard try reader.peek() == .object else {
            throw SwiftletError(
                .tokenizerKey, file: vocab, "expected an object of tokens and ids")
        }
        let vocabulary = try VocabularyReader.read(
            &reader, isByteLevel: true, file: vocab)
        try reader.finish()
        let merges = try self.merges(path: merges, vocabulary)
        return try BytePairModel(
            BytePairTables(vocabulary: vocabulary, merges: merges), file: vocab)
    }

    /// Reads `merges.txt`: one merge per line.
    ///
    /// Lines end at LF only, a CR before it is dropped, and lines that begin with `#version` are
    /// skipped.
    static func merges(
        path: String, _ vocabulary: Vocabulary
    ) throws(SwiftletError) -> GrowingBuffer<Merge> {
        let view = try MappedFile(path: path).bytes
        if case .pointer? = ForeignContent(view) { try ForeignContent.refuse(view, file: path) }
        if let offset = UTF8Check.firstError(in: view) {
            throw SwiftletError(.notUTF8, file: path, "not UTF-8", at: "offset \(offset)")
        }
        let version = Array("#version".utf8)
        var list = MergeResolver(vocabulary, isByteLevel: true, file: path, noun: "line")
        return try view.withUnsafeBytes { bytes throws(SwiftletError) in
            let bytes = bytes.assumingMemoryBound(to: UInt8.self)
            var start = 0
            var line = 0
            while let base = bytes.baseAddress, start < bytes.count {
                line += 1
                // In bounds: the search is limited to what is left.
                let length = swiftlet_find_byte(base + start, bytes.count - start, 0x0A)
                var content = UnsafeBufferPointer(start: base + start, count: length)
                if content.last == 0x0D {
                    content = UnsafeBufferPointer(rebasing: content.dropLast())
                }
                if !content.starts(with: version) { try list.append(line: content, place: line) }
                start += length + 1
            }
            return try list.finish()
        }
    }
}
