// Every call of the operating system that touches files passes through here, so that the rest of
// the package is free of platform differences.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The calls that read, write and name files, with their errors as ``SwiftletError``.
package enum SystemCalls {
    /// The operating system's words for `errno`.
    package static func message(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    /// Opens a file.
    ///
    /// - Throws: ``SwiftletError`` with `code`, naming the path and the system's reason.
    static func open(
        _ path: String, flags: Int32, mode: mode_t = 0o644,
        or code: (Int32) -> SwiftletError.Code
    ) throws(SwiftletError) -> Int32 {
        while true {
            let descriptor = Platform.open(path, flags | O_CLOEXEC, mode)
            if descriptor >= 0 { return descriptor }
            let reason = errno
            if reason == EINTR { continue }
            throw SwiftletError(code(reason), file: path, message(reason))
        }
    }

    /// Writes all of `bytes`, however often the system takes only a part.
    static func writeAll(
        _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, path: String
    ) throws(SwiftletError) {
        var done = 0
        while done < bytes.count {
            // In bounds: 0 <= done < bytes.count, and the length is what is left.
            let count = unsafe Platform.write(
                descriptor, bytes.baseAddress.unsafelyUnwrapped + done,
                min(bytes.count - done, 1 << 30))
            if count < 0 {
                let reason = errno
                if reason == EINTR { continue }
                throw SwiftletError(.writeFailed, file: path, "cannot write: \(message(reason))")
            }
            done += count
        }
    }

    /// Moves the place of the next write.
    static func seek(
        _ descriptor: Int32, to offset: Int, path: String
    ) throws(SwiftletError) {
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else {
            throw SwiftletError(.writeFailed, file: path, "cannot seek: \(message(errno))")
        }
    }

    /// Waits until the file's bytes are on the disk.
    static func synchronize(_ descriptor: Int32, path: String) throws(SwiftletError) {
        guard fsync(descriptor) == 0 else {
            // Some file systems cannot sync a folder and say so; their renames are ordered anyway.
            let reason = errno
            if reason == EINVAL || reason == ENOTSUP { return }
            throw SwiftletError(.writeFailed, file: path, "cannot sync: \(message(reason))")
        }
    }

    /// Makes a rename in `folder` survive a power cut.
    package static func synchronizeFolder(_ folder: String) throws(SwiftletError) {
        let descriptor = try open(folder, flags: O_RDONLY | O_DIRECTORY) { _ in .writeFailed }
        defer { close(descriptor) }
        try synchronize(descriptor, path: folder)
    }

    /// Exchanges what two paths name, in one step; false where the system cannot.
    package static func exchange(_ a: String, _ b: String) throws(SwiftletError) -> Bool {
        if Platform.exchange(a, b) == 0 { return true }
        let reason = errno
        if reason == EINVAL || reason == ENOSYS || reason == ENOTSUP { return false }
        throw SwiftletError(
            .cannotCreate, file: b, "cannot be put in place: \(message(reason))")
    }

    /// Renames a file or folder over `target`.
    package static func rename(_ source: String, to target: String) throws(SwiftletError) {
        guard Platform.rename(source, target) == 0 else {
            let reason = errno
            throw SwiftletError(
                .cannotCreate, file: target, "cannot be put in place: \(message(reason))")
        }
    }
}

/// The C library under a name that our own methods do not shadow.
private enum Platform {
    static func open(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
        #if canImport(Glibc)
            unsafe Glibc.open(path, flags, mode)
        #elseif canImport(Musl)
            unsafe Musl.open(path, flags, mode)
        #else
            unsafe Darwin.open(path, flags, mode)
        #endif
    }
    static func write(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
            unsafe Glibc.write(descriptor, start, count)
        #elseif canImport(Musl)
            unsafe Musl.write(descriptor, start, count)
        #else
            unsafe Darwin.write(descriptor, start, count)
        #endif
    }
    static func rename(_ source: String, _ target: String) -> Int32 {
        #if canImport(Glibc)
            unsafe Glibc.rename(source, target)
        #elseif canImport(Musl)
            unsafe Musl.rename(source, target)
        #else
            unsafe Darwin.rename(source, target)
        #endif
    }
    static func exchange(_ a: String, _ b: String) -> Int32 {
        #if canImport(Darwin)
            unsafe renamex_np(a, b, UInt32(RENAME_SWAP))
        #else
            // The headers show renameat2 to C only under _GNU_SOURCE, so it is asked for by name;
            // a libc without it gets the answer of a file system that cannot exchange.
            typealias RenameAt2 =
                @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32)
                -> Int32
            guard let symbol = unsafe dlsym(nil, "renameat2") else {
                errno = ENOSYS
                return -1
            }
            let exchange: UInt32 = 2  // RENAME_EXCHANGE, linux/fs.h
            // The signature is that of renameat2(2).
            let renameAt2 = unsafe unsafeBitCast(symbol, to: RenameAt2.self)
            return unsafe renameAt2(AT_FDCWD, a, AT_FDCWD, b, exchange)
        #endif
    }
}
