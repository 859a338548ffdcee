import SwiftletBytes

/// Reads all of stdin, or a file, as one text.
enum WholeInput {
    /// - Throws: no input (66); bad data (65) if it is not UTF-8.
    static func text(path: String?) throws(SwiftletError) -> String {
        if let path { return try UTF8Check.text(try MappedFile(path: path).bytes, file: path) }
        let input = try LineInput(path: nil)
        return try UTF8Check.text(ByteView(try input.rest()), file: input.name)
    }
}
