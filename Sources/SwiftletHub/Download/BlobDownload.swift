import SwiftletBytes
import SwiftletCheckpoint

/// Downloads one file into the blobs of the cache, complete and verified, or not at all.
struct BlobDownload {
    let file: RepositoryFile
    let address: HTTPAddress
    let repository: HubCacheRepository
    let retries: RetryPolicy
    let shouldStop: @Sendable () -> Bool
    /// Called with the number of bytes that arrived; negative if some are discarded.
    let report: @Sendable (_ bytes: Int) -> Void

    private var path: String { FileSystem.join(repository.blobs, file.content.digits) }

    /// Whether the cache has the file, judged by name and size.
    private var isCached: Bool { FileSystem.entry(path) == .file(size: file.size) }

    /// Downloads the file unless the cache has it.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubSize`` or
    ///   ``SwiftletBytes/SwiftletError/Code/hubContent`` for a wrong
    ///   file, of which nothing is kept; after errors of the Hub and of the disk, the bytes that
    ///   arrived stay for the next attempt.
    func run(_ client: HubClient) throws(SwiftletError) {
        if isCached {
            report(file.size)
            return
        }
        // huggingface_hub takes the same lock, and does not remove its file either.
        let lock = try FileLock(
            path: FileSystem.join(repository.locks, file.content.digits + ".lock")
        ) { () throws(SwiftletError) in
            try Pause.sleep(.milliseconds(100), unless: shouldStop)
        }
        defer { withExtendedLifetime(lock) {} }
        if isCached {
            report(file.size)
            return
        }
        let incomplete = path + ".incomplete"
        let blob = try IncompleteBlob(file, path: incomplete, report: report)
        do throws(SwiftletError) {
            try complete(blob, client)
            try blob.commit(to: path)
        } catch {
            if blob.isTooLong || blob.count == 0 || error.code == .hubContent {
                try FileSystem.remove(incomplete)
            }
            throw error
        }
    }

    private func complete(_ blob: IncompleteBlob, _ client: HubClient) throws(SwiftletError) {
        // What an earlier run left can be damaged, for example by a power failure. A second attempt
        // from the beginning then shows whether the server's content is right.
        var mayRestart = blob.count > 0
        while true {
            try fetch(blob, client)
            if try blob.isRight() { return }
            guard mayRestart else {
                throw SwiftletError(
                    .hubContent, file: file.path,
                    "the downloaded content does not have the hash that the Hub lists "
                        + "(\(file.content.digits))"
                )
            }
            mayRestart = false
            try blob.clear()
        }
    }

    /// Downloads what is missing, with retries.
    private func fetch(_ blob: IncompleteBlob, _ client: HubClient) throws(SwiftletError) {
        guard blob.count < file.size || file.size == 0 else { return }
        try retries.run(done: { blob.count }, shouldStop: shouldStop) { () throws(HTTPFailure) in
            let range = blob.count > 0 ? ["Range: bytes=\(blob.count)-"] : []
            do throws(HTTPFailure) {
                try client.get(address, headers: range, file.path, receiver: blob)
            } catch {
                guard error.status == 416, blob.count > 0 else { throw error }
                try clear(blob)
                throw .transient(error.error)
            }
            guard blob.count == file.size else {
                throw .transient(
                    SwiftletError(
                        .hubConnection, file: file.path,
                        "the connection ended after \(blob.count) of \(file.size) bytes"))
            }
        }
    }

    private func clear(_ blob: IncompleteBlob) throws(HTTPFailure) {
        do throws(SwiftletError) {
            try blob.clear()
        } catch {
            throw HTTPFailure(error)
        }
    }
}
