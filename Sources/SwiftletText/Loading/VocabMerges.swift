import CSwiftletUnicode
import SwiftletBytes

/// Reads the older form: `vocab.json` and `merges.txt`.
enum VocabMerges {
    /// Reads both files, which are known to exist.
    static func read(vocab: String, merges: String) throws(SwiftletError) -> BytePairModel {
        let tables = try tables(vocab: vocab, merges: merges, isByteLevel: true)
        return try BytePairModel(tables, file: vocab)
    }

    /// Reads both files.
    ///
    /// - Parameters:
    ///   - vocab: The path of `vocab.json`.
    ///   - merges: The path of `merges.txt`.
    ///   - isByteLevel: Whether tokens become the bytes that they stand for; if not, several may
    ///     have one id.
    /// - Returns: The vocabulary and the merges.
    /// - Throws: The errors of the two tables.
    static func tables(
        vocab: String, merges: String, isByteLevel: Bool
    ) throws(SwiftletError) -> BytePairTables {
        var reader = JSONReader(try MappedFile.json(path: vocab), file: vocab)
        guard try reader.peek() == .object else {
            throw SwiftletError(
                .tokenizerKey, file: vocab, "expected an object of tokens and ids")
        }
        let vocabulary = try VocabularyReader.read(
            &reader, isByteLevel: isByteLevel, sharesIDs: !isByteLevel, file: vocab)
        try reader.finish()
        return BytePairTables(
            vocabulary: vocabulary,
            merges: try self.merges(path: merges, vocabulary, isByteLevel: isByteLevel))
    }

    /// Reads `merges.txt`: one merge per line.
    ///
    /// Lines end at LF only, a CR before it is dropped, and lines that begin with `#version` are
    /// skipped.
    static func merges(
        path: String, _ vocabulary: Vocabulary, isByteLevel: Bool
    ) throws(SwiftletError) -> GrowingBuffer<Merge> {
        let view = try MappedFile(path: path).bytes
        // A file without merges may be empty.
        if view.count > 0 { try ForeignContent.refuse(view, file: path) }
        if let offset = UTF8Check.firstError(in: view) {
            throw SwiftletError(.notUTF8, file: path, "not UTF-8", at: "offset \(offset)")
        }
        let version = Array("#version".utf8)
        var list = MergeResolver(
            vocabulary, isByteLevel: isByteLevel, file: path, noun: "line")
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
