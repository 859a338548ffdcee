import SwiftletBytes

/// Reads the lines of a task's files.
package enum TaskLines {
    /// Converts every line of a JSON Lines file.
    ///
    /// - Parameters:
    ///   - path: the file; a byte order mark at its start is skipped.
    ///   - limit: the number of lines to read; nil for all.
    ///   - convert: makes an element of a line's object.
    /// - Returns: the elements, in file order.
    /// - Throws: no input (66); bad data (65), naming file and line; what `convert` throws, with
    ///   file and line.
    package static func read<Element>(
        path: String, limit: Int? = nil,
        _ convert: (_ fields: JSONFields, _ line: Int) throws(SwiftletError) -> Element
    ) throws(SwiftletError) -> [Element] {
        var elements: [Element] = []
        let bytes = try text(path: path)
        for line in JSONLines(bytes) {
            if let limit, elements.count >= limit { break }
            do throws(SwiftletError) {
                // Python writes NaN among values that are not used here.
                let value = try JSONValue.parse(line.text, allowsNonFinite: true)
                elements.append(
                    try convert(try JSONFields(value, code: .taskLine), line.number))
            } catch {
                throw error.inFile(path).at("line \(line.number)")
            }
        }
        return elements
    }

    /// The bytes of a file after a UTF-8 byte order mark.
    ///
    /// - Parameter path: the file.
    /// - Returns: a view of the mapped file.
    /// - Throws: no input (66); bad data (65) for UTF-16, and for a file that is no text.
    package static func text(path: String) throws(SwiftletError) -> ByteView {
        let bytes = try MappedFile(path: path).bytes
        if bytes.count > 0 { try ForeignContent.refuse(bytes, file: path) }
        return try EncodingMark.skip(bytes, file: path)
    }
}

extension JSONFields {
    /// The `id`, `slurp_id` or the like of a line: a string, or an integer as written.
    ///
    /// - Returns: nil if the key is missing or null.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/taskLine`` for other values.
    func identifier(_ key: String) throws(SwiftletError) -> String? {
        try read(key, as: "a string or an integer") { value in
            value.string ?? value.int.map { String($0) }
        }
    }

    /// The value of `id`, if it is a string or an integer.
    ///
    /// - Returns: nil if the key is missing or null.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/taskLine`` for other values.
    func id() throws(SwiftletError) -> JSONValue? {
        _ = try identifier("id")
        return self["id"]
    }
}
