import SwiftletBytes

/// The older form: `vocab.json` and `merges.txt`.
enum VocabMerges {
    /// Reads both files; `paths` are known to be there.
    static func read(vocab: String, merges: String) throws(SwiftletError) -> BytePairModel {
        var reader = JSONReader(try MappedFile(path: vocab).bytes, file: vocab)
        guard try reader.peek() == .object else {
            throw SwiftletError(
                .tokenizerKey, file: vocab, "an object of tokens and ids is expected")
        }
        let vocabulary = try VocabularyReader.read(
            &reader, isByteLevel: true, file: vocab)
        try reader.finish()
        let merges = try self.merges(path: merges, vocabulary)
        return try BytePairModel(
            BytePairTables(vocabulary: vocabulary, merges: merges), file: vocab)
    }

    /// Reads `merges.txt`: a merge a line, lines ending at LF only (a CR before it is dropped);
    /// lines that begin with `#version` are none.
    static func merges(
        path: String, _ vocabulary: Vocabulary
    ) throws(SwiftletError) -> [Merge] {
        let view = try MappedFile(path: path).bytes
        if let offset = UTF8Check.firstError(in: view) {
            throw SwiftletError(.notUTF8, file: path, "not UTF-8", at: "offset \(offset)")
        }
        let bytes = view.copy()
        let version = Array("#version".utf8)
        var list = MergeResolver(
            vocabulary, isByteLevel: true, file: path, noun: "line")
        var start = 0
        var line = 0
        while start < bytes.count {
            line += 1
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            var content = bytes[start..<end]
            if content.last == 0x0D { content.removeLast() }
            if !content.starts(with: version) { try list.append(line: content, place: line) }
            start = end + 1
        }
        return try list.finish()
    }
}
