import SwiftletBytes

/// A file's content as far as it has come, in the cache and hashed.
final class IncompleteBlob: HTTPReceiver {
    private let file: RepositoryFile
    private let storage: ResumableFile
    private var digest: ContentDigest
    /// Told each change of ``count``.
    private let report: (Int) -> Void

    /// The bytes that are there.
    var count: Int { storage.count }

    /// Opens what an earlier attempt left, or begins. What is longer than the file is dropped.
    ///
    /// - Parameter report: told how many bytes more there are, or fewer.
    /// - Throws: the errors of the file.
    init(
        _ file: RepositoryFile, path: String, report: @escaping (Int) -> Void
    ) throws(SwiftletError) {
        self.file = file
        self.report = report
        let digest = try ContentDigest(file)
        self.digest = digest
        storage = try ResumableFile(path: path)
        if storage.count > file.size { try storage.clear() }
        try unsafe storage.read { (bytes) throws(SwiftletError) in try unsafe digest.update(bytes) }
        report(count)
    }

    /// Drops what is there.
    func clear() throws(SwiftletError) {
        report(-count)
        try storage.clear()
        digest = try ContentDigest(file)
    }

    /// Whether more has come than the file has, so that what is there cannot be it.
    private(set) var isSpoilt = false

    /// Whether all bytes have arrived and have the hash that the Hub lists.
    ///
    /// - Throws: ``SwiftletError/Code/hubLibrary``.
    func isRight() throws(SwiftletError) -> Bool {
        guard count == file.size else { return false }
        return try digest.digits() == file.content.digits
    }

    /// Gives the content its name in the cache.
    func commit(to path: String) throws(SwiftletError) { try storage.commit(to: path) }

    func begin(_ head: HTTPHead) throws(HTTPFailure) {
        if head.status == 206 {
            guard let range = head.contentRange, range.start == count else {
                // Parts of another place would make a wrong file.
                throw .transient(
                    SwiftletError(
                        .hubAnswer, file: file.path, "the server sends another part than asked for")
                )
            }
            try check(range.total ?? head.contentLength.map { $0 + count })
        } else {
            // A server that knows no ranges begins again; an answer that cannot be the file, as that of
            // a portal in between, does not cost what is there.
            try check(head.contentLength)
            if count > 0 { try storing { () throws(SwiftletError) in try clear() } }
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) {
        guard bytes.count <= file.size - count else {
            isSpoilt = true
            throw HTTPFailure(
                SwiftletError(
                    .hubSize, file: file.path,
                    "the server sends more than the \(file.size) bytes that the Hub lists"))
        }
        try storing { () throws(SwiftletError) in
            try unsafe storage.append(bytes)
            try unsafe digest.update(bytes)
        }
        report(bytes.count)
    }

    /// Holds the length that an answer declares against the one listed.
    private func check(_ declared: Int?) throws(HTTPFailure) {
        guard let declared, declared != file.size else { return }
        throw HTTPFailure(
            SwiftletError(
                .hubSize, file: file.path,
                "the server has \(declared) bytes, and the Hub lists \(file.size)"))
    }

    private func storing(_ work: () throws(SwiftletError) -> Void) throws(HTTPFailure) {
        do throws(SwiftletError) {
            try work()
        } catch {
            throw HTTPFailure(error)
        }
    }
}
