import SwiftletBytes

/// Reads the value of a `tokenizer.json`'s key `model`.
enum TokenizerFileModel {
    /// Reads the object that comes next.
    ///
    /// - Parameters:
    ///   - reader: Positioned at the object.
    ///   - isByteLevel: Whether tokens are spelled in the byte alphabet.
    ///   - file: The file, for errors.
    /// - Returns: The vocabulary and the merges.
    /// - Throws: The errors of the two tables.
    static func read(
        _ reader: inout JSONReader, isByteLevel: Bool, file: String
    ) throws(SwiftletError) -> BytePairTables {
        var vocabulary: Vocabulary?
        var merges: GrowingBuffer<Merge>?
        // Merges that come before the vocabulary are read after it.
        var early: JSONReader?
        var rest = JSONObject()
        guard try reader.peek() == .object else { throw missing("model", file, "an object") }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "vocab":
                guard vocabulary == nil else { throw twice("model.vocab", file) }
                guard try reader.peek() == .object else {
                    throw SwiftletError(
                        .tokenizerUnsupported, file: file,
                        "a vocabulary that is not an object is not supported",
                        at: "key \"model.vocab\"")
                }
                vocabulary = try VocabularyReader.read(
                    &reader, isByteLevel: isByteLevel, file: file)
            case "merges":
                guard merges == nil, early == nil else { throw twice("model.merges", file) }
                if let vocabulary {
                    merges = try readMerges(
                        &reader, vocabulary, isByteLevel: isByteLevel, file: file)
                } else {
                    early = reader
                    try reader.skipValue()
                }
            case "type": try checkType(&reader, file)
            default: rest.append(key, try JSONValue(&reader))
            }
        }
        let fields = try JSONFields(tokenizer: .object(rest), file: file, path: "model")
        try check(fields)
        guard let vocabulary else { throw missing("model.vocab", file, "an object") }
        if var early {
            merges = try readMerges(&early, vocabulary, isByteLevel: isByteLevel, file: file)
        }
        guard let merges else { throw missing("model.merges", file, "an array") }
        return BytePairTables(vocabulary: vocabulary, merges: merges, settings: fields)
    }

    /// Refuses models of another type, if the type comes first as in all files that tokenizers
    /// writes.
    ///
    /// This reports the type before any of the other keys, which a model of another type has too.
    static func checkKind(_ reader: JSONReader, file: String) throws(SwiftletError) {
        var reader = reader
        guard try reader.peek() == .object else { return }
        try reader.beginObject()
        if try reader.nextKey() == "type" { try checkType(&reader, file) }
    }

    private static func checkType(
        _ reader: inout JSONReader, _ file: String
    ) throws(SwiftletError) {
        let value = try JSONValue(&reader)
        guard value == .string("BPE") else {
            throw SwiftletError(
                .tokenizerUnsupported, file: file, "the model \(value.text()) is not supported",
                at: "key \"model.type\"")
        }
    }

    private static func missing(_ key: String, _ file: String, _ what: String) -> SwiftletError {
        SwiftletError(.tokenizerKey, file: file, "expected \(what)", at: "key \"\(key)\"")
    }

    private static func twice(_ key: String, _ file: String) -> SwiftletError {
        SwiftletError(.tokenizerKey, file: file, "duplicate key", at: "key \"\(key)\"")
    }

    /// Refuses settings that would change ids.
    private static func check(_ fields: JSONFields) throws(SwiftletError) {
        for (key, value) in fields.object.pairs {
            switch key {
            case "dropout":
                guard value == .null || value.double == 0 else {
                    throw fields.unsupported(key, value.text())
                }
            case "continuing_subword_prefix", "end_of_word_suffix":
                guard try (fields.string(key) ?? "").isEmpty else {
                    throw fields.unsupported(key, value.text())
                }
            // The caller reads other settings; unknown keys have no effect in the reference.
            default: break
            }
        }
    }

    /// Reads merges, each of which is `"a b"` or `["a", "b"]`.
    ///
    /// - Parameters:
    ///   - reader: Positioned at the list.
    ///   - vocabulary: The tokens.
    ///   - isByteLevel: Whether tokens are spelled in the byte alphabet.
    ///   - prefixLength: The number of bytes at the beginning of each second token that its merge
    ///     leaves out.
    ///   - file: The file, for errors.
    /// - Returns: The merges.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerMerge``.
    static func readMerges(
        _ reader: inout JSONReader, _ vocabulary: Vocabulary, isByteLevel: Bool,
        prefixLength: Int = 0, file: String
    ) throws(SwiftletError) -> GrowingBuffer<Merge> {
        var list = MergeResolver(
            vocabulary, isByteLevel: isByteLevel, file: file, noun: "model.merges")
        list.prefixLength = prefixLength
        var left: [UInt8] = []
        var right: [UInt8] = []
        var index = 0
        try reader.beginArray()
        while try reader.nextElement() {
            switch try reader.peek() {
            case .string:
                try reader.readString(into: &left)
                // The first line of a merges.txt is no merge here either.
                if index == 0, left.starts(with: Array("#version".utf8)) { break }
                try left.withUnsafeBufferPointer { line throws(SwiftletError) in
                    try list.append(line: line, place: index)
                }
            case .array:
                try reader.beginArray()
                var count = 0
                while try reader.nextElement() {
                    count += 1
                    if count == 1 {
                        try reader.readString(into: &left)
                    } else {
                        try reader.readString(into: &right)
                    }
                }
                guard count == 2 else {
                    throw SwiftletError(
                        .tokenizerMerge, file: file, "expected two tokens, found \(count)",
                        at: "model.merges \(index)")
                }
                try left.withUnsafeBufferPointer { left throws(SwiftletError) in
                    try right.withUnsafeBufferPointer { right throws(SwiftletError) in
                        try list.append(left, right, place: index)
                    }
                }
            default:
                throw SwiftletError(
                    .tokenizerMerge, file: file, "expected a string or an array of two strings",
                    at: "model.merges \(index)")
            }
            index += 1
            guard prefixLength == 0 else { continue }
            try reader.readElements { bytes throws(SwiftletError) in
                try list.appendElements(of: bytes, place: &index)
            }
        }
        return try list.finish()
    }
}
