/// Typed access to the keys of a JSON object, with errors that name the file and the key.
///
/// A key whose value is null counts as missing, as with transformers' configurations. A reader that
/// treats null differently looks into ``object`` and checks the value with ``read(_:_:as:_:)``.
package struct JSONFields: Sendable {
    /// The object.
    package let object: JSONObject
    /// The file to name in errors.
    package let file: String?
    /// The keys that lead to the object, such as `rope_scaling`; empty at the top of the file.
    package let path: String

    /// The error for a key that is missing or has a wrong value.
    private let code: SwiftletError.Code
    private let refusesDuplicates: Bool

    /// Creates the fields of `object`.
    ///
    /// - Parameters:
    ///   - object: the object.
    ///   - file: the file to name in errors.
    ///   - path: the keys that lead to the object.
    ///   - code: the error for a key that is missing or has a wrong value.
    package init(
        _ object: JSONObject, file: String? = nil, path: String = "", code: SwiftletError.Code
    ) {
        self.object = object
        self.file = file
        self.path = path
        self.code = code
        refusesDuplicates = false
    }

    /// Creates the fields of a value that must be an object.
    ///
    /// - Parameters:
    ///   - value: the object.
    ///   - file: the file to name in errors.
    ///   - path: the keys that lead to the object.
    ///   - code: the error for a key that is missing or has a wrong value.
    ///   - refusesDuplicates: whether a duplicate key is an error, here and in the objects inside;
    ///     otherwise its last value counts.
    /// - Throws: `code`.
    package init(
        _ value: JSONValue, file: String? = nil, path: String = "", code: SwiftletError.Code,
        refusesDuplicates: Bool = false
    ) throws(SwiftletError) {
        self.file = file
        self.path = path
        self.code = code
        self.refusesDuplicates = refusesDuplicates
        guard let object = value.object else {
            throw SwiftletError(
                code, file: file, "\(value.excerpt) is not an object",
                at: path.isEmpty ? nil : "key \"\(path)\"")
        }
        self.object = object
        if refusesDuplicates, let key = object.duplicateKey { throw failure(key, "duplicate key") }
    }

    /// The value of a key; nil if it is missing or null.
    package subscript(key: String) -> JSONValue? {
        let value = object[key]
        return value == .null ? nil : value
    }

    // MARK: Errors

    /// The path of a key from the top of the file.
    package func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Makes an error about a key.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - reason: what is wrong.
    ///   - code: nil for the code that these fields were created with.
    ///   - element: the place in the array at `key`.
    /// - Returns: the error.
    package func failure(
        _ key: String, _ reason: String, _ code: SwiftletError.Code? = nil, element: Int? = nil
    ) -> SwiftletError {
        let place = "key \"\(path(of: key))\"" + (element.map { ", element \($0)" } ?? "")
        return SwiftletError(code ?? self.code, file: file, reason, at: place)
    }

    // MARK: Values

    /// Converts a value.
    ///
    /// - Parameters:
    ///   - value: the value, which may be null.
    ///   - key: its key, for the error.
    ///   - expected: what the value must be, as the end of a sentence: "a string".
    ///   - convert: returns nil for any other value.
    /// - Returns: what `convert` returns.
    /// - Throws: an error that names the key, if `convert` returns nil.
    package func read<T>(
        _ value: JSONValue, _ key: String, as expected: String, _ convert: (JSONValue) -> T?
    ) throws(SwiftletError) -> T {
        if let result = convert(value) { return result }
        throw failure(key, "\(value.excerpt) is not \(expected)")
    }

    /// Converts the value of a key; returns nil if it is missing or null.
    package func read<T>(
        _ key: String, as expected: String, _ convert: (JSONValue) -> T?
    ) throws(SwiftletError) -> T? {
        guard let value = self[key] else { return nil }
        return try read(value, key, as: expected, convert)
    }

    /// The value that `read` returns for a key.
    ///
    /// - Throws: an error for a key that is missing or null, and what `read` throws.
    package func required<T>(
        _ key: String, _ read: (String) throws(SwiftletError) -> T?
    ) throws(SwiftletError) -> T {
        guard let value = try read(key) else { throw failure(key, "missing key") }
        return value
    }

    /// A string; nil if the key is missing or null.
    package func string(_ key: String) throws(SwiftletError) -> String? {
        try read(key, as: "a string", \.string)
    }

    /// A string; `standard` if the key is missing or null.
    package func string(
        _ key: String, default standard: String
    ) throws(SwiftletError) -> String {
        try string(key) ?? standard
    }

    /// A truth value; nil if the key is missing or null.
    package func bool(_ key: String) throws(SwiftletError) -> Bool? {
        try read(key, as: "true or false", \.bool)
    }

    /// A truth value; `standard` if the key is missing or null.
    package func bool(_ key: String, default standard: Bool) throws(SwiftletError) -> Bool {
        try bool(key) ?? standard
    }

    /// A finite number above 0; nil if the key is missing or null.
    package func positive(_ key: String) throws(SwiftletError) -> Double? {
        try read(key, as: "a positive number") { value in
            value.double.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
        }
    }

    /// A finite number above 0; `standard` if the key is missing or null.
    package func positive(
        _ key: String, default standard: Double
    ) throws(SwiftletError) -> Double {
        try positive(key) ?? standard
    }

    /// An integer; nil if the key is missing or null.
    package func int(
        _ key: String, in range: ClosedRange<Int>
    ) throws(SwiftletError) -> Int? {
        guard let value = self[key] else { return nil }
        return try int(value, key, in: range)
    }

    /// The value of a key as an integer.
    package func int(
        _ value: JSONValue, _ key: String, in range: ClosedRange<Int>
    ) throws(SwiftletError) -> Int {
        try read(
            value, key, as: "an integer from \(range.lowerBound) to \(range.upperBound)"
        ) { value in
            value.int.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    // MARK: Arrays and objects

    /// An array; nil if the key is missing or null.
    package func array(_ key: String) throws(SwiftletError) -> [JSONValue]? {
        try read(key, as: "an array", \.array)
    }

    /// Converts the elements of an array.
    ///
    /// - Parameters:
    ///   - key: the array's key.
    ///   - expected: what an element must be, as the end of a sentence: "a token id".
    ///   - convert: returns nil for any other element.
    /// - Returns: the converted elements; nil if the key is missing or null.
    /// - Throws: an error that names the element for which `convert` returns nil.
    package func elements<T>(
        _ key: String, as expected: String, _ convert: (JSONValue) -> T?
    ) throws(SwiftletError) -> [T]? {
        guard let array = try array(key) else { return nil }
        var elements: [T] = []
        elements.reserveCapacity(array.count)
        for (index, value) in array.enumerated() {
            guard let element = convert(value) else {
                throw failure(key, "\(value.excerpt) is not \(expected)", element: index)
            }
            elements.append(element)
        }
        return elements
    }

    /// The strings of an array; nil if the key is missing or null.
    package func strings(_ key: String) throws(SwiftletError) -> [String]? {
        try elements(key, as: "a string", \.string)
    }

    /// The object at a key; nil if the key is missing or null.
    package func fields(_ key: String) throws(SwiftletError) -> JSONFields? {
        guard let value = self[key] else { return nil }
        return try fields(value, path: path(of: key))
    }

    /// The objects of the array at a key; nil if the key is missing or null.
    package func list(_ key: String) throws(SwiftletError) -> [JSONFields]? {
        guard let array = try array(key) else { return nil }
        var list: [JSONFields] = []
        for (index, value) in array.enumerated() {
            list.append(try fields(value, path: "\(path(of: key))[\(index)]"))
        }
        return list
    }

    /// The fields of an object inside this one.
    private func fields(_ value: JSONValue, path: String) throws(SwiftletError) -> JSONFields {
        try JSONFields(
            value, file: file, path: path, code: code, refusesDuplicates: refusesDuplicates)
    }
}

extension JSONValue {
    /// The number, if it is an integer from 0 that fits `Int32`: a token id, for example.
    package var nonNegativeInt32: Int32? {
        int.flatMap { Int32(exactly: $0) }.flatMap { $0 >= 0 ? $0 : nil }
    }

    /// The number, if it is finite.
    package var finite: Double? { double.flatMap { $0.isFinite ? $0 : nil } }

    /// The value as text for an error, cut off where it gets long.
    package var excerpt: String {
        let text = text().unicodeScalars
        let limit = 60
        return text.count > limit ? String(text.prefix(limit)) + "…" : String(text)
    }
}
