import CSwiftletSystem
import SwiftletLibc

/// The operating system's calls on paths, with failures as ``SwiftletError``.
package enum SystemCalls {
    /// The operating system's description of an error number.
    package static func message(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    /// This process's number.
    static var processID: Int32 { getpid() }

    /// Whether a descriptor is open.
    static func isOpen(_ descriptor: Int32) -> Bool {
        fcntl(descriptor, F_GETFD) != -1 || errno != EBADF
    }

    /// Opens the null device on the lowest free descriptor.
    ///
    /// - Throws: ``SwiftletError/Code/readFailed``.
    static func openNullDevice(flags: Int32) throws(SwiftletError) {
        guard unsafe open("/dev/null", flags) >= 0 else {
            throw SwiftletError(.readFailed, file: "/dev/null", message(errno))
        }
    }

    /// Finds out what a path names.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - followsLinks: whether a symbolic link stands for its target.
    /// - Returns: the status; nil if the path names nothing, or nothing that can be reached.
    static func status(_ path: String, followsLinks: Bool) -> FileStatus? {
        var info = stat()
        let result = unsafe followsLinks ? stat(path, &info) : lstat(path, &info)
        return result == 0 ? FileStatus(info) : nil
    }

    /// Which file or folder a path names; nil if nothing can be reached.
    static func identity(_ path: String) -> FileIdentity? {
        var info = stat()
        return unsafe stat(path, &info) == 0 ? FileIdentity(info) : nil
    }

    /// Why a path cannot be reached, other than that nothing is there; nil if that is the reason, or
    /// there is none.
    static func obstacle(_ path: String) -> String? {
        var info = stat()
        if unsafe lstat(path, &info) != 0 {
            return errno == ENOENT || errno == ENOTDIR ? nil : message(errno)
        }
        // A link that leads nowhere is reported where it is opened.
        guard unsafe stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { return nil }
        return unsafe access(path, X_OK) == 0 ? nil : message(errno)
    }

    /// The most bytes of a name in a folder.
    static func nameLimit(in folder: String) -> Int {
        let limit = unsafe pathconf(folder, Int32(_PC_NAME_MAX))
        return limit > 0 ? limit : 255
    }

    /// The value of a variable of the environment; nil if it is not set or empty.
    static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// The absolute path without symbolic links; nil if nothing is there.
    static func realPath(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// The names in a folder, without `.` and `..`, in no particular order.
    ///
    /// - Throws: ``SwiftletError/Code/noSuchFile`` if the folder cannot be opened,
    ///   ``SwiftletError/Code/readFailed``.
    static func names(in folder: String) throws(SwiftletError) -> [String] {
        guard let stream = unsafe opendir(folder) else {
            throw SwiftletError(.noSuchFile, file: folder, message(errno))
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        errno = 0
        while let item = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &item.pointee.d_name) { start in
                // d_name ends with a NUL inside its field (readdir(3)).
                unsafe start.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw SwiftletError(.readFailed, file: folder, message(errno)) }
        return names
    }

    /// Creates a folder.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - name: the name in errors, if it is not the path.
    /// - Returns: false if something is there already.
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    static func createFolder(_ path: String, name: String? = nil) throws(SwiftletError) -> Bool {
        if unsafe mkdir(path, 0o755) == 0 { return true }
        if errno == EEXIST { return false }
        throw SwiftletError(.cannotCreate, file: name ?? path, message(errno))
    }

    /// Removes a file or a symbolic link.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    static func removeFile(_ path: String) throws(SwiftletError) {
        guard unsafe unlink(path) == 0 else { throw removalFailure(path) }
    }

    /// Removes an empty folder.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    package static func removeFolder(_ path: String) throws(SwiftletError) {
        guard unsafe rmdir(path) == 0 else { throw removalFailure(path) }
    }

    private static func removalFailure(_ path: String) -> SwiftletError {
        SwiftletError(.writeFailed, file: path, "cannot remove: \(message(errno))")
    }

    /// The target of a symbolic link, as it was written; nil if the path is no symbolic link.
    static func linkTarget(_ path: String) -> String? {
        // No system allows longer targets.
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

    /// Creates a symbolic link; false if something is there already.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    static func createLink(_ path: String, to target: String) throws(SwiftletError) -> Bool {
        if unsafe symlink(target, path) == 0 { return true }
        if errno == EEXIST { return false }
        throw SwiftletError(.cannotCreate, file: path, "cannot link: \(message(errno))")
    }

    /// Renames a file or folder, over what `target` may name.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    package static func rename(_ source: String, to target: String) throws(SwiftletError) {
        guard unsafe SwiftletLibc.rename(source, target) == 0 else {
            throw placementFailure(target, errno)
        }
    }

    /// Renames a folder, over what `target` may name if that is an empty folder.
    ///
    /// - Returns: false if something else is there.
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    static func renameToFree(_ source: String, _ target: String) throws(SwiftletError) -> Bool {
        if unsafe SwiftletLibc.rename(source, target) == 0 { return true }
        if [EEXIST, ENOTEMPTY, ENOTDIR].contains(errno) { return false }
        throw placementFailure(target, errno)
    }

    /// The result of an attempt to exchange two names.
    enum Exchange {
        /// Each name has what the other one had.
        case done
        /// One of the names has nothing.
        case missing
        /// The file system cannot exchange names.
        case unsupported
    }

    /// Exchanges what two paths name, in one step.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    static func exchange(_ a: String, _ b: String) throws(SwiftletError) -> Exchange {
        let reason = unsafe swiftlet_exchange(a, b)
        switch reason {
        case 0: return .done
        case ENOENT: return .missing
        case EINVAL, ENOSYS, ENOTSUP: return .unsupported
        default: throw placementFailure(b, reason)
        }
    }

    private static func placementFailure(_ path: String, _ reason: Int32) -> SwiftletError {
        SwiftletError(.cannotCreate, file: path, "cannot be put in place: \(message(reason))")
    }

    /// Makes renames in a folder survive a power failure.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    package static func synchronizeFolder(_ folder: String) throws(SwiftletError) {
        do throws(SwiftletError) {
            try OpenFile(folder, for: .folder).synchronize()
        } catch {
            throw SwiftletError(.writeFailed, file: folder, error.reason)
        }
    }
}
