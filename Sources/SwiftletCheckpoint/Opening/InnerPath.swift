/// Relative paths in files, which must not lead out of a folder.
package enum InnerPath {
    /// Whether a relative path stays inside its folder and is written without `.`, `..` or empty
    /// parts.
    package static func isValid(_ path: String) -> Bool {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { part in
                !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
                    && !part.contains(0)
            }
    }
}
