/// Paths that a file names and that must not lead out of a folder.
package enum InnerPath {
    /// Whether a relative path stays in its folder, and is written in one way only.
    package static func isValid(_ path: String) -> Bool {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { part in
                !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
                    && !part.contains(0)
            }
    }
}
