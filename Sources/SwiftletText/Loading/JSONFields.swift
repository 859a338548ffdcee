import SwiftletBytes

/// Typed access to the keys of a small JSON object, with errors that name the file and the key.
struct JSONFields {
    let file: String
    /// The keys above this object: `pre_tokenizer`; empty at the top.
    let path: String
    let object: JSONObject

    /// The fields of `value`, which must be an object without repeated keys.
    init(_ value: JSONValue, file: String, path: String) throws(SwiftletError) {
        self.file = file
        self.path = path
        guard let object = value.object else {
            throw SwiftletError(
                .tokenizerKey, file: file, "an object is expected",
                at: path.isEmpty ? nil : "key \"\(path)\"")
        }
        self.object = object
        if let twice = object.duplicateKey { throw failure(twice, "the key stands twice") }
    }

    private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// An error about a key.
    func failure(
        _ key: String, _ reason: String, _ code: SwiftletError.Code = .tokenizerKey
    ) -> SwiftletError {
        SwiftletError(code, file: file, reason, at: "key \"\(full(key))\"")
    }

    /// An error for a value that is understood and cannot be followed.
    func unsupported(_ key: String, _ value: String) -> SwiftletError {
        failure(key, "\(value) is not supported", .tokenizerUnsupported)
    }

    /// The value of a key; nil if it is missing or null.
    subscript(key: String) -> JSONValue? {
        let value = object[key]
        return value == .null ? nil : value
    }

    /// A string; nil if the key is missing or null.
    func string(_ key: String) throws(SwiftletError) -> String? {
        guard let value = self[key] else { return nil }
        guard let string = value.string else { throw failure(key, "a string is expected") }
        return string
    }

    /// A truth value; nil if the key is missing or null.
    func bool(_ key: String) throws(SwiftletError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard let bool = value.bool else { throw failure(key, "true or false is expected") }
        return bool
    }

    /// An array; empty if the key is missing or null.
    func array(_ key: String) throws(SwiftletError) -> [JSONValue] {
        guard let value = self[key] else { return [] }
        guard let array = value.array else { throw failure(key, "an array is expected") }
        return array
    }

    /// The object at a key; nil if it is missing or null.
    func fields(_ key: String) throws(SwiftletError) -> JSONFields? {
        guard let value = self[key] else { return nil }
        return try JSONFields(value, file: file, path: full(key))
    }

    /// The objects of the array at a key.
    func list(_ key: String) throws(SwiftletError) -> [JSONFields] {
        var list: [JSONFields] = []
        for (index, value) in try array(key).enumerated() {
            list.append(try JSONFields(value, file: file, path: "\(full(key))[\(index)]"))
        }
        return list
    }
}

extension AddedToken {
    /// A token of `added_tokens`, `added_tokens_decoder` or `special_tokens_map.json`.
    ///
    /// - Parameter special: what a missing `special` means.
    init(_ fields: JSONFields, special: Bool) throws(SwiftletError) {
        guard let content = try fields.string("content") else {
            throw fields.failure("content", "the key is missing")
        }
        self.init(content, special: try fields.bool("special") ?? special)
        singleWord = try fields.bool("single_word") ?? false
        lstrip = try fields.bool("lstrip") ?? false
        rstrip = try fields.bool("rstrip") ?? false
        normalized = try fields.bool("normalized") ?? !self.special
    }
}
