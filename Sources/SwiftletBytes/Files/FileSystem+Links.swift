#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension FileSystem {
    /// What a symbolic link says; nil where there is none.
    package static func linkTarget(_ path: String) -> String? {
        // A longer one than the system allows cannot be.
        let capacity = Int(PATH_MAX)
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            // In bounds: at most the buffer's length is written.
            let written = unsafe buffer.withMemoryRebound(to: CChar.self) { place in
                unsafe readlink(path, place.baseAddress.unsafelyUnwrapped, capacity)
            }
            count = max(written, 0)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Makes a symbolic link, in place of another link or file that may be there.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    package static func createLink(_ path: String, to target: String) throws(SwiftletError) {
        for _ in 0..<2 {
            if unsafe symlink(target, path) == 0 { return }
            let reason = errno
            // Somebody else may have made the same one meanwhile.
            if reason == EEXIST, linkTarget(path) == target { return }
            guard reason == EEXIST, unsafe unlink(path) == 0 || errno == ENOENT else {
                throw SwiftletError(
                    .cannotCreate, file: path, "cannot link: \(SystemCalls.message(reason))")
            }
        }
        throw SwiftletError(
            .cannotCreate, file: path, "something else is made here again and again")
    }
}
