import SwiftletBytes

extension JSONFields {
    /// Creates the fields of an object in a tokenizer's file, in which duplicate keys are errors.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerKey``.
    init(tokenizer value: JSONValue, file: String?, path: String = "") throws(SwiftletError) {
        try self.init(
            value, file: file, path: path, code: .tokenizerKey, refusesDuplicates: true)
    }

    /// An error for a value that has a meaning, but not one that is supported.
    func unsupported(_ key: String, _ value: String) -> SwiftletError {
        failure(key, "\(value) is not supported", .tokenizerUnsupported)
    }
}

extension AddedToken {
    /// Reads a token of `added_tokens`, `added_tokens_decoder` or `special_tokens_map.json`.
    ///
    /// - Parameters:
    ///   - fields: the token's fields.
    ///   - special: the value of a missing `special`.
    /// - Throws: an error that names the field.
    init(_ fields: JSONFields, special: Bool) throws(SwiftletError) {
        self.init(
            try fields.required("content", fields.string),
            special: try fields.bool("special", default: special))
        singleWord = try fields.bool("single_word", default: false)
        lstrip = try fields.bool("lstrip", default: false)
        rstrip = try fields.bool("rstrip", default: false)
        normalized = try fields.bool("normalized", default: !self.special)
    }
}
