import SwiftletBytes
import SwiftletCheckpoint

/// Brings one file into the cache's blobs, whole and checked, or not at all.
struct BlobDownload {
    let file: RepositoryFile
    let address: HTTPAddress
    let repository: HubCacheRepository
    let retries: RetryPolicy
    let shouldStop: @Sendable () -> Bool
    /// Told bytes that have come, negative where some are dropped.
    let report: @Sendable (_ bytes: Int) -> Void

    private var path: String { FileSystem.join(repository.blobs, file.content.digits) }

    /// Whether the cache has the file, by name and length.
    private var isThere: Bool { FileSystem.entry(path) == .file(size: file.size) }

    /// Downloads the file, if it is not there.
    ///
    /// - Throws: ``SwiftletError/Code/hubSize`` or ``SwiftletError/Code/hubContent`` for a wrong
    ///   file, of which nothing is kept; the failures of the Hub and of the disk, after which what has come
    ///   stays for the next attempt.
    func run(_ client: HubClient) throws(SwiftletError) {
        if isThere {
            report(file.size)
            return
        }
        // The lock that huggingface_hub takes too, whose file it never removes either.
        let lock = try FileLock(
            path: FileSystem.join(repository.locks, file.content.digits + ".lock")
        ) { () throws(SwiftletError) in
            try Pause.sleep(.milliseconds(100), unless: shouldStop)
        }
        defer { withExtendedLifetime(lock) {} }
        if isThere {
            report(file.size)
            return
        }
        let incomplete = path + ".incomplete"
        let blob = try IncompleteBlob(file, path: incomplete, report: report)
        do throws(SwiftletError) {
            try complete(blob, client)
            try blob.commit(to: path)
        } catch {
            if blob.isSpoilt || blob.count == 0 || error.code == .hubContent {
                try FileSystem.remove(incomplete)
            }
            throw error
        }
    }

    private func complete(_ blob: IncompleteBlob, _ client: HubClient) throws(SwiftletError) {
        // What an earlier run left can be damaged, by a power cut for one; then a second start from
        // nothing tells whether the server is right.
        var mayRestart = blob.count > 0
        while true {
            try fetch(blob, client)
            if try blob.isRight() { return }
            guard mayRestart else {
                throw SwiftletError(
                    .hubContent, file: file.path,
                    "the content that came is not the one that the Hub lists (\(file.content.digits))"
                )
            }
            mayRestart = false
            try blob.clear()
        }
    }

    /// Gets what is missing, in as many attempts as it takes.
    private func fetch(_ blob: IncompleteBlob, _ client: HubClient) throws(SwiftletError) {
        guard blob.count < file.size || file.size == 0 else { return }
        try retries.run(done: { blob.count }, shouldStop: shouldStop) { () throws(HTTPFailure) in
            let range = blob.count > 0 ? ["Range: bytes=\(blob.count)-"] : []
            do throws(HTTPFailure) {
                try client.get(address, headers: range, file.path, receiver: blob)
            } catch {
                guard error.status == 416, blob.count > 0 else { throw error }
                try clearing(blob)
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

    private func clearing(_ blob: IncompleteBlob) throws(HTTPFailure) {
        do throws(SwiftletError) {
            try blob.clear()
        } catch {
            throw HTTPFailure(error)
        }
    }
}
