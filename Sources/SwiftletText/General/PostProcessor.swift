import SwiftletBytes

extension TokenizerFile.Template {
    /// Reads the value of a `tokenizer.json`'s key `post_processor`, as far as it adds ids around a
    /// single text.
    ///
    /// Steps of a sequence put their ids around those of the steps before. `trim_offsets` has no
    /// effect: tokens keep all of their bytes (see ``Encoding/offsets``).
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` for an unknown type or a
    ///   template that does not contain the text exactly once.
    mutating func read(_ processor: JSONFields) throws(SwiftletError) {
        switch try processor.string("type") {
        case "ByteLevel": break
        case "Sequence":
            for step in try processor.required("processors", processor.list) { try read(step) }
        case "TemplateProcessing": try readTemplate(processor)
        case "BertProcessing", "RobertaProcessing":
            before.insert(try id(processor, "cls"), at: 0)
            after.append(try id(processor, "sep"))
        case let type:
            throw processor.unsupported("type", type ?? "a post-processor without a type")
        }
    }

    /// The id of a token that is written as `["</s>", 2]`.
    private func id(_ processor: JSONFields, _ key: String) throws(SwiftletError) -> Int32 {
        let pair = try processor.required(key, processor.array)
        guard pair.count == 2, pair[0].string != nil, let id = pair[1].nonNegativeInt32 else {
            throw processor.failure(key, "expected a token and its id")
        }
        return id
    }

    private mutating func readTemplate(_ processor: JSONFields) throws(SwiftletError) {
        let known = try processor.fields("special_tokens")
        var front: [Int32] = []
        var back: [Int32] = []
        var seen = false
        for item in try processor.list("single") ?? [] {
            if let sequence = try item.fields("Sequence") {
                guard !seen, try sequence.string("id") == "A" else {
                    throw processor.unsupported("single", "a template of more than one text")
                }
                seen = true
                continue
            }
            guard let name = try item.fields("SpecialToken")?.string("id"),
                let token = try known?.fields(name)
            else {
                throw processor.failure(
                    "single", "a special token without an entry in special_tokens")
            }
            let ids =
                try token.elements("ids", as: "an integer from 0", \.nonNegativeInt32) ?? []
            if seen { back += ids } else { front += ids }
        }
        guard seen else { throw processor.unsupported("single", "a template without a text") }
        before = front + before
        after += back
    }
}
