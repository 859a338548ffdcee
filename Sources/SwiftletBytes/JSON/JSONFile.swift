extension MappedFile {
    /// The text of a file of JSON, after a UTF-8 byte order mark if it begins with one.
    ///
    /// - Parameter path: the file.
    /// - Returns: a view of the mapped file.
    /// - Throws: the errors of mapping; ``SwiftletError/Code/notUTF8`` for UTF-16 and UTF-32;
    ///   ``SwiftletError/Code/foreignContent`` for what is no JSON at all, such as an empty file or
    ///   a Git LFS pointer.
    package static func json(path: String) throws(SwiftletError) -> ByteView {
        let bytes = try MappedFile(path: path).bytes
        try ForeignContent.refuse(bytes, file: path)
        return try EncodingMark.skip(bytes, file: path)
    }
}
