import SwiftletBytes

/// The post-processor of a `tokenizer.json`, as far as it adds ids around a single text.
///
/// `trim_offsets` has no effect: tokens keep all of their bytes (see ``Encoding/offsets``).
struct PostProcessor {
    /// Ids that a step of a sequence treats as one text of several: each special token of a template
    /// is one, and so is the text itself.
    private struct Part {
        var before: [Int32] = []
        var isText = false
        var after: [Int32] = []
    }

    private var parts = [Part(isText: true)]
    /// The number of ids in all parts.
    private var count = 0
    /// The most ids around a text; no model has room for more.
    private static let maximumCount = 1 << 16

    private mutating func grow(by ids: Int, _ step: JSONFields) throws(SwiftletError) {
        count += ids
        guard count <= Self.maximumCount else {
            throw step.unsupported("type", "more than \(Self.maximumCount) ids around a text")
        }
    }

    /// Reads the value of the key `post_processor`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` for an unknown type, for
    ///   a template that does not contain the text exactly once, and for two templates in a
    ///   sequence.
    init(_ fields: JSONFields) throws(SwiftletError) { try apply(fields) }

    /// The ids before and after a text.
    var template: TokenizerFile.Template {
        var template = TokenizerFile.Template()
        var isAfter = false
        for part in parts {
            if isAfter { template.after += part.before } else { template.before += part.before }
            isAfter = isAfter || part.isText
            if isAfter { template.after += part.after } else { template.before += part.after }
        }
        return template
    }

    private mutating func apply(_ step: JSONFields) throws(SwiftletError) {
        let untyped: KeyValuePairs = [
            "RobertaProcessing": ["sep", "cls", "trim_offsets", "add_prefix_space"],
            "BertProcessing": ["sep", "cls"], "TemplateProcessing": ["single"],
        ]
        switch try step.type(orByKeys: untyped) {
        case "ByteLevel": try step.checkByteLevel()
        case "Sequence":
            for inner in try step.required("processors", step.list) { try apply(inner) }
        case "TemplateProcessing": try applyTemplate(step)
        case "BertProcessing": try surround(step, opensLaterParts: false)
        case "RobertaProcessing": try surround(step, opensLaterParts: true)
        case let type: throw step.unsupported("type", "the post-processor \(type)")
        }
    }

    /// Puts `cls` and `sep` around the first part, and `sep` after each other one, or around it.
    private mutating func surround(
        _ step: JSONFields, opensLaterParts: Bool
    ) throws(SwiftletError) {
        let beginning = try id(step, "cls")
        let end = try id(step, "sep")
        try grow(by: 2 * parts.count, step)
        for index in parts.indices {
            if index == 0 {
                parts[index].before.insert(beginning, at: 0)
            } else if opensLaterParts {
                parts[index].before.insert(end, at: 0)
            }
            parts[index].after.append(end)
        }
    }

    /// The id of a token that is written as `["</s>", 2]`.
    private func id(_ step: JSONFields, _ key: String) throws(SwiftletError) -> Int32 {
        let pair = try step.required(key, step.array)
        guard pair.count == 2, pair[0].string != nil, let id = pair[1].nonNegativeInt32 else {
            throw step.failure(key, "expected a token and its id")
        }
        return id
    }

    /// Checks what a piece of a template says beside its id, which has no effect on ids.
    private func checkPiece(_ piece: JSONFields) throws(SwiftletError) {
        _ = try piece.required("type_id") { (key) throws(SwiftletError) in
            try piece.read(key, as: "an integer from 0", \.nonNegativeInt32)
        }
    }

    private mutating func applyTemplate(_ step: JSONFields) throws(SwiftletError) {
        guard parts.count == 1 else {
            throw step.unsupported("type", "a template after another one")
        }
        let known = try step.required("special_tokens", step.fields)
        // Pairs of texts are not encoded, but the reference requires their template.
        for item in try step.required("pair", step.list) {
            let key = item["Sequence"] == nil ? "SpecialToken" : "Sequence"
            try checkPiece(try item.required(key, item.fields))
        }
        var pieces: [Part] = []
        for item in try step.required("single", step.list) {
            if let sequence = try item.fields("Sequence") {
                try checkPiece(sequence)
                guard try sequence.string("id") == "A", !pieces.contains(where: \.isText) else {
                    throw step.unsupported("single", "a template of more than one text")
                }
                pieces.append(parts[0])
                continue
            }
            guard let special = try item.fields("SpecialToken"),
                let token = try known.fields(try special.required("id", special.string))
            else {
                throw step.failure(
                    "single", "a special token without an entry in special_tokens")
            }
            try checkPiece(special)
            _ = try token.required("id", token.string)
            _ = try token.required("tokens", token.strings)
            let ids = try token.required("ids") { (key) throws(SwiftletError) in
                try token.elements(key, as: "an integer from 0", \.nonNegativeInt32)
            }
            try grow(by: ids.count, step)
            pieces.append(Part(before: ids))
        }
        guard pieces.contains(where: \.isText) else {
            throw step.unsupported("single", "a template without a text")
        }
        parts = pieces
    }
}
