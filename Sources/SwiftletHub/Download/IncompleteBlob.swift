import SwiftletBytes

/// The content of a file as far as it has been downloaded: stored in the cache, and hashed.
final class IncompleteBlob: HTTPReceiver {
    private let file: RepositoryFile
    private let storage: ResumableFile
    private var digest: ContentDigest
    /// Called with each change of ``count``.
    private let report: (Int) -> Void

    /// The number of bytes that are there.
    var count: Int { storage.count }

    /// Opens what an earlier attempt left, or begins.
    ///
    /// Content longer than the file is discarded.
    ///
    /// - Parameters:
    ///   - file: the file to download.
    ///   - path: where incomplete content is stored.
    ///   - report: called with the number of bytes that were added; negative if they were discarded.
    /// - Throws: the errors of the stored file, and `SwiftletError.Code.digestLibrary`.
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

    /// Discards all bytes.
    func clear() throws(SwiftletError) {
        report(-count)
        try storage.clear()
        digest = try ContentDigest(file)
    }

    /// Whether the server sent more bytes than the file has, so that none can be trusted.
    private(set) var isTooLong = false

    /// Whether all bytes have arrived and have the hash that the Hub lists.
    ///
    /// - Throws: `SwiftletError.Code.digestLibrary`.
    func isRight() throws(SwiftletError) -> Bool {
        guard count == file.size else { return false }
        return try digest.digits() == file.content.digits
    }

    /// Gives the content its final name in the cache.
    func commit(to path: String) throws(SwiftletError) { try storage.commit(to: path) }

    func begin(_ head: HTTPHead) throws(HTTPFailure) {
        if head.status == 206 {
            guard let range = head.contentRange, range.start == count else {
                // A part from another offset would make a wrong file.
                throw .transient(
                    SwiftletError(
                        .hubAnswer, file: file.path,
                        "the server sent a different range than requested")
                )
            }
            try check(range.total ?? head.contentLength.map { $0 + count })
        } else {
            // A server without ranges sends the file from the beginning. An answer that cannot be
            // the file, such as a login page, must not cost the bytes that are there.
            try check(head.contentLength)
            if count > 0 { try storing { () throws(SwiftletError) in try clear() } }
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) {
        guard bytes.count <= file.size - count else {
            isTooLong = true
            throw HTTPFailure(
                SwiftletError(
                    .hubSize, file: file.path,
                    "the server sent more than the \(file.size) bytes that the Hub lists"))
        }
        try storing { () throws(SwiftletError) in
            try unsafe storage.append(bytes)
            try unsafe digest.update(bytes)
        }
        report(bytes.count)
    }

    /// Compares the length that an answer declares with the listed one.
    private func check(_ declared: Int?) throws(HTTPFailure) {
        guard let declared, declared != file.size else { return }
        throw HTTPFailure(
            SwiftletError(
                .hubSize, file: file.path,
                "the server declares \(declared) bytes, but the Hub lists \(file.size)"))
    }

    private func storing(_ work: () throws(SwiftletError) -> Void) throws(HTTPFailure) {
        do throws(SwiftletError) {
            try work()
        } catch {
            throw HTTPFailure(error)
        }
    }
}
