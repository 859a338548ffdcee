import SwiftletBytes

extension SHADigest {
    /// The SHA-256 of a file's bytes as lower-case hexadecimal digits.
    ///
    /// The file is read once, from front to back, through the map.
    ///
    /// - Parameter path: a regular file.
    /// - Returns: 64 digits.
    /// - Throws: the errors of `MappedFile`, ``SwiftletBytes/SwiftletError/Code/digestLibrary``, and
    ///   `SwiftletError.Code.cancelled`.
    package static func sha256(ofFile path: String) throws(SwiftletError) -> String {
        let digest = try SHADigest(.sha256)
        let bytes = try MappedFile(path: path).bytes
        for start in stride(from: 0, to: bytes.count, by: 1 << 24) {
            try SwiftletError.checkCancellation()
            let part = bytes[start..<min(start + 1 << 24, bytes.count)]
            try unsafe part.withUnsafeBytes { (part) throws(SwiftletError) in
                try unsafe digest.update(part)
            }
        }
        return try digest.digits()
    }

    /// The SHA-256 of a text's UTF-8 bytes as lower-case hexadecimal digits.
    ///
    /// - Parameter text: the text.
    /// - Returns: 64 digits.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/digestLibrary``.
    package static func sha256(of text: String) throws(SwiftletError) -> String {
        let digest = try SHADigest(.sha256)
        try digest.update(Array(text.utf8))
        return try digest.digits()
    }
}
