import SwiftletBytes

extension GeneralDecoder {
    /// Reads the value of a `tokenizer.json`'s key `decoder`.
    ///
    /// - Parameter fields: The file's fields.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` for an unknown type, and
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerKey`` for a setting of the wrong kind.
    init(_ fields: JSONFields) throws(SwiftletError) {
        guard let decoder = try fields.fields("decoder") else {
            steps = [.spaced]
            return
        }
        steps = []
        try append(decoder)
    }

    private mutating func append(_ step: JSONFields) throws(SwiftletError) {
        func text(_ key: String) throws(SwiftletError) -> [UInt8] {
            Array(try step.required(key, step.string).utf8)
        }
        let untyped: KeyValuePairs = [
            "BPEDecoder": ["suffix"], "WordPiece": ["prefix", "cleanup"],
            "CTC": ["pad_token", "word_delimiter_token", "cleanup"],
            "Replace": ["pattern", "content"], "Strip": ["content", "start", "stop"],
        ]
        switch try step.type(orByKeys: untyped) {
        case "Sequence":
            for inner in try step.required("decoders", step.list) { try append(inner) }
        case "ByteLevel":
            try step.checkByteLevel()
            steps.append(.byteLevel)
        case "ByteFallback": steps.append(.byteFallback)
        case "Fuse": steps.append(.fuse)
        case "Replace": steps.append(.replace(try pattern(step), by: try text("content")))
        case "Strip":
            steps.append(
                .strip(
                    Strip(
                        content: try character(step, "content"),
                        start: try step.required("start", step.count),
                        stop: try step.required("stop", step.count))))
        case "Metaspace":
            steps.append(
                .metaspace(
                    symbol: try character(step, "replacement"),
                    dropsFirst: try step.metaspacePrefix() != .never))
        case "BPEDecoder": steps.append(.suffix(try text("suffix")))
        case "WordPiece":
            steps.append(
                .wordPiece(
                    prefix: try text("prefix"), cleansUp: try step.required("cleanup", step.bool)))
        case "CTC":
            steps.append(
                .ctc(
                    padding: try text("pad_token"), delimiter: try text("word_delimiter_token"),
                    cleansUp: try step.required("cleanup", step.bool)))
        case let type: throw step.unsupported("type", "the decoder \(type)")
        }
    }

    private func pattern(_ step: JSONFields) throws(SwiftletError) -> Pattern {
        let pattern = try step.required("pattern", step.fields)
        guard pattern.object.pairs.count == 1 else {
            throw step.failure("pattern", "expected a Regex or a String")
        }
        if let literal = try pattern.string("String") { return .literal(Array(literal.utf8)) }
        let regex = try pattern.required("Regex", pattern.string)
        do {
            return .regex(try GeneralPattern(regex))
        } catch {
            throw step.file.map(error.inFile) ?? error
        }
    }

    private func character(_ step: JSONFields, _ key: String) throws(SwiftletError) -> [UInt8] {
        let text = try step.required(key, step.string)
        guard text.unicodeScalars.count == 1 else {
            throw step.failure(key, "\"\(text)\" is not one character")
        }
        return Array(text.utf8)
    }
}
