// Every call of the operating system on files passes through `OpenFile`, which has those on open
// files, and `SystemCalls`, which has those on paths.

import CSwiftletSystem
import SwiftletLibc

/// An open file, which is closed with the object.
///
/// Calls that a signal interrupts are repeated. Errors name the file and the system's reason.
@safe
package final class OpenFile: Sendable {
    /// What a file is opened for.
    package enum Purpose: Sendable {
        /// To read a file or pipe from front to back.
        case reading
        /// To see what it is, or map it; does not wait for the other end of a pipe.
        case inspecting
        /// The same, not through a symbolic link.
        case inspectingItself
        /// To synchronize or lock a folder.
        case folder
        /// To write at the end; created if it is missing.
        case appending
        /// To read and write what an earlier run left, not through a symbolic link; created if it
        /// is missing.
        case resuming
        /// To lock it, not through a symbolic link; created if it is missing, writable for the
        /// group, so that people who share a cache can wait for each other.
        case locking

        fileprivate var flags: Int32 {
            switch self {
            case .reading: O_RDONLY
            case .inspecting: O_RDONLY | O_NONBLOCK
            case .inspectingItself: O_RDONLY | O_NOFOLLOW | O_NONBLOCK
            case .folder: O_RDONLY | O_DIRECTORY
            case .appending: O_WRONLY | O_APPEND | O_CREAT
            case .resuming: O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK
            case .locking: O_RDWR | O_CREAT | O_NOFOLLOW
            }
        }

        fileprivate var failure: SwiftletError.Code {
            switch self {
            case .reading, .inspecting, .inspectingItself, .folder: .noSuchFile
            case .appending, .resuming, .locking: .cannotCreate
            }
        }
    }

    /// The file's name in errors.
    package let name: String
    private let descriptor: Int32
    private let isOwned: Bool

    /// The process's stdin.
    package static let standardInput = OpenFile("stdin", borrowing: STDIN_FILENO)
    /// The process's stdout.
    package static let standardOutput = OpenFile("stdout", borrowing: STDOUT_FILENO)
    /// The process's stderr.
    package static let standardError = OpenFile("stderr", borrowing: STDERR_FILENO)

    /// Opens a file.
    ///
    /// - Throws: ``SwiftletError/Code/noSuchFile`` if it is opened to be read, else
    ///   ``SwiftletError/Code/cannotCreate``.
    package init(_ path: String, for purpose: Purpose) throws(SwiftletError) {
        name = path
        isOwned = true
        let permissions: mode_t = purpose == .locking ? 0o664 : 0o644
        descriptor = Self.open(path, purpose.flags, permissions)
        guard descriptor >= 0 else {
            throw SwiftletError(purpose.failure, file: path, SystemCalls.message(errno))
        }
    }

    private init(_ name: String, borrowing descriptor: Int32) {
        (self.name, self.descriptor, isOwned) = (name, descriptor, false)
    }

    private init(_ name: String, owning descriptor: Int32) {
        (self.name, self.descriptor, isOwned) = (name, descriptor, true)
    }

    deinit {
        guard isOwned else { return }
        // Closing would not end a lock while a child that was just forked has the descriptor, too.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func open(_ path: String, _ flags: Int32, _ permissions: mode_t) -> Int32 {
        while true {
            let descriptor = unsafe SwiftletLibc.open(path, flags | O_CLOEXEC, permissions)
            if descriptor >= 0 || errno != EINTR { return descriptor }
        }
    }

    /// Creates a file at a path that nothing has, never through a symbolic link.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - name: the name in errors.
    /// - Returns: the file; nil if something has the path.
    /// - Throws: ``SwiftletError/Code/writeFailed`` if the disk is full or fails, else
    ///   ``SwiftletError/Code/cannotCreate``.
    static func create(_ path: String, name: String) throws(SwiftletError) -> OpenFile? {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644)
        guard descriptor < 0 else { return OpenFile(name, owning: descriptor) }
        let reason = errno
        if reason == EEXIST { return nil }
        let isDisk = [ENOSPC, EDQUOT, EIO].contains(reason)
        throw SwiftletError(
            isDisk ? .writeFailed : .cannotCreate, file: name, SystemCalls.message(reason))
    }

    /// Creates a file without a name, whose space is freed when the process ends, however it ends.
    ///
    /// - Parameter folder: decides the file system; the name in errors.
    /// - Returns: the file.
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    package static func unnamed(in folder: String) throws(SwiftletError) -> OpenFile {
        var path = Array(FileSystem.join(folder, ".swiftlet-XXXXXX").utf8CString)
        // mkstemp replaces the last six characters before the NUL, in place.
        let descriptor = unsafe path.withUnsafeMutableBufferPointer { path in
            guard let template = path.baseAddress else { return Int32(-1) }
            let descriptor = unsafe mkstemp(template)
            if descriptor >= 0 { _ = unsafe unlink(template) }
            return descriptor
        }
        guard descriptor >= 0 else {
            throw SwiftletError(
                .cannotCreate, file: folder,
                "cannot create a file in the folder: \(SystemCalls.message(errno))")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return OpenFile(folder, owning: descriptor)
    }

    /// Whether this is a terminal.
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// What it is, and its size.
    ///
    /// - Throws: ``SwiftletError/Code/readFailed``.
    package func status() throws(SwiftletError) -> FileStatus {
        var info = SwiftletLibc.stat()
        guard unsafe fstat(descriptor, &info) == 0 else {
            throw SwiftletError(.readFailed, file: name, SystemCalls.message(errno))
        }
        return FileStatus(info)
    }

    /// Reads what comes next, at most `buffer.count` bytes.
    ///
    /// - Returns: the number of bytes; 0 at the end.
    /// - Throws: ``SwiftletError/Code/readFailed``.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SwiftletError) -> Int {
        // In bounds: at most the buffer's length is read.
        try counted {
            unsafe SwiftletLibc.read(descriptor, buffer.baseAddress, buffer.count)
        }
    }

    /// Reads at an offset, at most `buffer.count` bytes.
    ///
    /// - Returns: the number of bytes; 0 at the end.
    /// - Throws: ``SwiftletError/Code/readFailed``.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SwiftletError) -> Int {
        // In bounds: at most the buffer's length is read.
        try counted {
            unsafe pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
        }
    }

    private func counted(_ read: () -> Int) throws(SwiftletError) -> Int {
        while true {
            let count = read()
            if count >= 0 { return count }
            if errno == EINTR { continue }
            throw SwiftletError(
                .readFailed, file: name, "cannot read: \(SystemCalls.message(errno))")
        }
    }

    /// Writes all of `bytes`, in as many calls as the system needs.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SwiftletError) {
        var rest = unsafe bytes
        while rest.count > 0 {
            // In bounds: at most the rest's length is written.
            let count = unsafe SwiftletLibc.write(
                descriptor, rest.baseAddress, min(rest.count, 1 << 30))
            if count < 0 {
                if errno == EINTR { continue }
                throw unsafe writeFailure(errno, rest)
            }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    private func writeFailure(_ reason: Int32, _ rest: UnsafeRawBufferPointer) -> SwiftletError {
        switch reason {
        case EFAULT:
            // The system reads the bytes itself, and does not find those of a truncated file.
            SwiftletError(
                .readFailed, file: unsafe RegisteredMap.file(at: rest.baseAddress),
                "has become shorter while it was read")
        case EPIPE:
            SwiftletError(
                .brokenPipe, file: name, "cannot write: \(SystemCalls.message(reason))")
        default:
            SwiftletError(
                .writeFailed, file: name, "cannot write: \(SystemCalls.message(reason))")
        }
    }

    /// Writes all of `bytes`.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    package func write(_ bytes: [UInt8]) throws(SwiftletError) {
        try unsafe ByteView(bytes).withUnsafeBytes { (bytes) throws(SwiftletError) in
            try unsafe write(bytes)
        }
    }

    /// Moves the position of the next read or write.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    func seek(to offset: Int) throws(SwiftletError) {
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else {
            throw SwiftletError(
                .writeFailed, file: name, "cannot seek: \(SystemCalls.message(errno))")
        }
    }

    /// Cuts the file off, or extends it by zeros.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    package func truncate(to count: Int) throws(SwiftletError) {
        guard ftruncate(descriptor, off_t(count)) == 0 else {
            throw SwiftletError(
                .writeFailed, file: name, "cannot truncate: \(SystemCalls.message(errno))")
        }
    }

    /// Extends the file by zeros, with space on the disk reserved for them.
    ///
    /// - Parameters:
    ///   - count: the number of bytes.
    ///   - offset: the end of the file; on failure the file ends here again.
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    package func extend(by count: Int, at offset: Int) throws(SwiftletError) {
        // Reserving more than is free would fill the disk for everyone before it fails.
        var space = statvfs()
        if unsafe fstatvfs(descriptor, &space) == 0, space.f_blocks > 0 {
            let free = Double(space.f_bavail) * Double(space.f_frsize)
            guard Double(count) <= free else {
                throw SwiftletError(
                    .writeFailed, file: name,
                    "no room for \(count) bytes on the disk, which has \(Int(free)) free")
            }
        }
        let reason = swiftlet_extend(descriptor, Int64(offset), Int64(count))
        guard reason == 0 else {
            // Releases the part that was reserved.
            ftruncate(descriptor, off_t(offset))
            throw SwiftletError(
                .writeFailed, file: name,
                "cannot reserve \(count) bytes on the disk: \(SystemCalls.message(reason))")
        }
    }

    /// Waits until the file's bytes are on the disk.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    func synchronize() throws(SwiftletError) {
        guard fsync(descriptor) != 0 else { return }
        // Some file systems cannot sync a folder and say so; they order renames anyway.
        let reason = errno
        if reason == EINVAL || reason == ENOTSUP { return }
        throw SwiftletError(.writeFailed, file: name, "cannot sync: \(SystemCalls.message(reason))")
    }

    /// Whether a path names this file.
    func isNamed(by path: String) -> Bool {
        var info = SwiftletLibc.stat()
        guard unsafe fstat(descriptor, &info) == 0 else { return false }
        return FileIdentity(info) == SystemCalls.identity(path)
    }

    /// The result of an attempt to lock a file.
    enum LockOutcome {
        /// The file is locked until it is closed.
        case taken
        /// Another open file, of this process or another, has the lock.
        case heldElsewhere
        /// The file system has no locks.
        case unsupported
    }

    /// Tries to lock the file against others that do the same (`flock`), without waiting.
    @discardableResult
    func lock() -> LockOutcome {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return .heldElsewhere
            default: return .unsupported
            }
        }
        return .taken
    }

    /// Maps the first `count` bytes, at least one, for reading.
    ///
    /// - Throws: ``SwiftletError/Code/readFailed``.
    func map(count: Int) throws(SwiftletError) -> UnsafeRawPointer {
        let start = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let start = unsafe start, unsafe start != MAP_FAILED else {
            throw SwiftletError(
                .readFailed, file: name, "cannot map \(count) bytes: \(SystemCalls.message(errno))")
        }
        return UnsafeRawPointer(start)
    }

    /// Maps `count` bytes at `offset`, a multiple of the page size, for reading and for writing
    /// through; nil if the system has no addresses left.
    @unsafe
    package func mapShared(count: Int, at offset: Int) -> UnsafeMutableRawPointer? {
        let start = unsafe mmap(
            nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, off_t(offset))
        return unsafe start == MAP_FAILED ? nil : start
    }
}

extension SwiftletError.Code {
    /// Nobody reads what is written to a pipe.
    package static let brokenPipe = Self("file.pipe", .inputOutput)
}

/// Which file it is, whatever its names.
struct FileIdentity: Equatable {
    private let device: UInt64
    private let number: UInt64

    init(_ info: stat) {
        device = UInt64(truncatingIfNeeded: info.st_dev)
        number = UInt64(truncatingIfNeeded: info.st_ino)
    }
}

/// What a path or an open file is.
package struct FileStatus: Sendable, Equatable {
    /// The kinds of files.
    package enum Kind: Sendable {
        /// A regular file.
        case file
        /// A folder.
        case folder
        /// A symbolic link.
        case link
        /// A pipe, device or socket.
        case other
    }

    /// The kind.
    package let kind: Kind
    /// The size in bytes, which only regular files have for sure.
    package let size: Int

    /// Creates a status.
    package init(kind: Kind, size: Int) { (self.kind, self.size) = (kind, size) }

    init(_ info: stat) {
        size = Int(info.st_size)
        switch info.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .folder
        case S_IFLNK: kind = .link
        default: kind = .other
        }
    }
}
