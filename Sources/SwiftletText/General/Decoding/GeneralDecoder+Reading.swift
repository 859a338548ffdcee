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
        switch try step.required("type", step.string) {
        case "Sequence":
            for inner in try step.required("decoders", step.list) { try append(inner) }
        case "ByteLevel": steps.append(.byteLevel)
        case "ByteFallback": steps.append(.byteFallback)
        case "Fuse": steps.append(.fuse)
        case "Replace": steps.append(.replace(try pattern(step), by: try text("content")))
        case "Strip":
            steps.append(
                .strip(
                    Strip(
                        content: try character(step, "content"), start: try count(step, "start"),
                        stop: try count(step, "stop"))))
        case "Metaspace":
            steps.append(
                .metaspace(
                    symbol: try character(step, "replacement"),
                    dropsFirst: try dropsFirst(step)))
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

    private func count(_ step: JSONFields, _ key: String) throws(SwiftletError) -> Int {
        let count = try step.read(key, as: "an integer from 0", \.nonNegativeInt32)
        guard let count else { throw step.failure(key, "missing key") }
        return Int(count)
    }

    /// Whether `Metaspace` inserts a space before a text, which is not part of the text then.
    private func dropsFirst(_ step: JSONFields) throws(SwiftletError) -> Bool {
        let scheme = try step.string("prepend_scheme") ?? "always"
        guard ["first", "never", "always"].contains(scheme) else {
            throw step.failure("prepend_scheme", "\"\(scheme)\" is not first, never or always")
        }
        guard try step.bool("add_prefix_space") == false else { return scheme != "never" }
        guard scheme == "never" || step["prepend_scheme"] == nil else {
            throw step.failure("add_prefix_space", "false contradicts prepend_scheme")
        }
        return false
    }
}
