extension FileSystem {
    /// The target of a symbolic link, as it was written; nil if the path is no symbolic link.
    package static func linkTarget(_ path: String) -> String? { SystemCalls.linkTarget(path) }

    /// Makes a symbolic link, replacing a link or file of that name.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    package static func createLink(_ path: String, to target: String) throws(SwiftletError) {
        for _ in 0..<2 {
            if try SystemCalls.createLink(path, to: target) { return }
            // Another process may have made the same one meanwhile.
            if linkTarget(path) == target { return }
            do throws(SwiftletError) {
                try SystemCalls.removeFile(path)
            } catch  where !somethingIs(at: path) {
                continue
            } catch {
                throw SwiftletError(.cannotCreate, file: path, error.reason)
            }
        }
        throw SwiftletError(.cannotCreate, file: path, "another process keeps replacing it")
    }
}
