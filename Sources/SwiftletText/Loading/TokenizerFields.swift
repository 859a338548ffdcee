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

    /// The value that `read` returns for a key that may be missing, but not null; nil if it is
    /// missing.
    ///
    /// - Throws: An error for null, and what `read` throws.
    func unlessMissing<T>(
        _ key: String, _ read: (String) throws(SwiftletError) -> T?
    ) throws(SwiftletError) -> T? {
        guard let value = object[key] else { return nil }
        guard value != .null else { throw failure(key, "null is not a value of this key") }
        return try read(key)
    }

    /// The type of a step: the key `type`, or without one the first of these types all of whose keys
    /// are there, as in files from before steps had types.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerKey`` if there is neither.
    func type(
        orByKeys known: KeyValuePairs<String, [String]>
    ) throws(SwiftletError) -> String {
        if self["type"] == nil {
            for (type, keys) in known where keys.allSatisfy({ self[$0] != nil }) { return type }
        }
        return try required("type", string)
    }

    /// A count of any size that the reference takes; larger ones than any text has are clamped.
    func count(_ key: String) throws(SwiftletError) -> Int? {
        try read(key, as: "an integer from 0") { value in
            guard case .number(let number) = value else { return nil }
            return UInt64(number.text).map { Int(clamping: $0) }
        }
    }

    /// Checks the keys of `ByteLevel` as a pre-tokenizer, a decoder or a post-processor.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerKey`` for one that is missing or no
    ///   truth value.
    func checkByteLevel() throws(SwiftletError) {
        _ = try required("add_prefix_space", bool)
        _ = try required("trim_offsets", bool)
        _ = try unlessMissing("use_regex", bool)
    }

    /// Where Metaspace inserts its symbol.
    ///
    /// The older key `add_prefix_space` may be there as well, if it does not contradict.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerKey``, also for the keys that have no
    ///   effect on it.
    func metaspacePrefix() throws(SwiftletError) -> GeneralPreTokenizer.Metaspace.Prefix {
        let scheme = try unlessMissing("prepend_scheme", string) ?? "always"
        guard let prefix = GeneralPreTokenizer.Metaspace.Prefix(rawValue: scheme) else {
            throw failure("prepend_scheme", "\"\(scheme)\" is not first, never or always")
        }
        guard try bool("add_prefix_space") != false || prefix == .never else {
            throw failure("add_prefix_space", "false contradicts prepend_scheme, \(scheme)")
        }
        _ = try string("str_rep")
        _ = try bool("split")
        return prefix
    }
}

extension AddedToken {
    /// Reads a token of a `tokenizer.json`, all of whose keys are required.
    ///
    /// - Throws: an error that names the field.
    init(listed fields: JSONFields) throws(SwiftletError) {
        try self.init(fields, special: false)
        for key in ["special", "single_word", "lstrip", "rstrip", "normalized"] {
            _ = try fields.required(key, fields.bool)
        }
    }

    /// Reads a token of `added_tokens_decoder` or `special_tokens_map.json`.
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
