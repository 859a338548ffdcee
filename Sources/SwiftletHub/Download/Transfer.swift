import SwiftletBytes
import SwiftletCheckpoint
import Synchronization

/// Downloads files of one commit into the cache, several at a time.
final class Transfer: Sendable {
    private let request: HubDownload
    private let repository: HubCacheRepository
    private let commit: String
    private let shouldStop: @Sendable () -> Bool
    private let progress: @Sendable (HubDownload.Progress) -> Void

    private struct State {
        var waiting: [RepositoryFile] = []
        var bytesDone = 0
        var bytesTotal = 0
        var failure: SwiftletError?
    }
    private let state = Mutex(State())

    init(
        _ request: HubDownload, _ repository: HubCacheRepository, commit: String,
        shouldStop: @escaping @Sendable () -> Bool,
        progress: @escaping @Sendable (HubDownload.Progress) -> Void
    ) {
        self.request = request
        self.repository = repository
        self.commit = commit
        self.shouldStop = shouldStop
        self.progress = progress
    }

    /// Creates the folders of the repository.
    func makeFolders() throws(SwiftletError) {
        for folder in [repository.blobs, repository.locks, repository.snapshot(commit)] {
            try FileSystem.createFolder(folder)
        }
        // Backup programs skip folders that have this file (Cache Directory Tagging
        // Specification). The cache works without it, so failures are ignored.
        let tag = FileSystem.join(request.configuration.cache, "CACHEDIR.TAG")
        if !FileSystem.somethingIs(at: tag) {
            let text =
                "Signature: 8a477f597d28d172789f06886806bc55\n# Models of the Hugging Face Hub.\n"
            try? AtomicFile.write(Array(text.utf8), to: tag)
        }
    }

    /// Downloads one file; returns its path in the snapshot.
    func download(_ file: RepositoryFile, _ client: HubClient) throws(SwiftletError) -> String {
        try download(file, client) { _ in }
        return FileSystem.join(repository.snapshot(commit), file.path)
    }

    /// Downloads all files.
    ///
    /// - Throws: the first failure, after which the other downloads are stopped.
    func download(_ files: [RepositoryFile]) throws(SwiftletError) {
        state.withLock { state in
            // Taken from the end, so small files come first and the folder is soon identifiable.
            state.waiting = files.sorted { ($0.size, $0.path) > ($1.size, $1.path) }
            state.bytesTotal = files.reduce(0) { $0 + $1.size }
        }
        ThreadTeam.run(min(request.configuration.connections, files.count)) { self.work() }
        if let failure = state.withLock({ $0.failure }) { throw failure }
        if shouldStop() { throw SwiftletError.stopped }
    }

    /// Downloads waiting files, on one of the threads.
    private func work() {
        do throws(SwiftletError) {
            let client = try HubClient(request.configuration, shouldStop: { self.isOver })
            while let file = next() { try download(file, client, add) }
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
        }
    }

    /// Writes the reference from the revision to the commit, once all files are there.
    ///
    /// A commit needs none.
    func writeReference(_ revision: String) throws(SwiftletError) {
        guard revision != commit, repository.commit(revision) != commit else { return }
        let path = FileSystem.join(repository.references, revision)
        try FileSystem.createFolder(FileSystem.parent(path))
        Leftovers.remove(of: path)
        try AtomicFile.write(Array(commit.utf8), to: path)
    }

    private func download(
        _ file: RepositoryFile, _ client: HubClient, _ report: @escaping @Sendable (Int) -> Void
    ) throws(SwiftletError) {
        try BlobDownload(
            file: file, address: client.address(of: file, request.id, commit: commit),
            repository: repository, retries: request.configuration.retries,
            shouldStop: { self.isOver }, report: report
        ).run(client)
        let link = FileSystem.join(repository.snapshot(commit), file.path)
        try FileSystem.createFolder(FileSystem.parent(link))
        // Relative, so that the cache can be moved: up from the folders of the path, the commit and
        // "snapshots".
        let depth = file.path.utf8.count { $0 == UInt8(ascii: "/") } + 2
        let target = String(repeating: "../", count: depth) + "blobs/" + file.content.digits
        if FileSystem.linkTarget(link) != target {
            try FileSystem.createLink(link, to: target)
            // The reference must not reach the disk before the links do.
            try SystemCalls.synchronizeFolder(FileSystem.parent(link))
        }
    }

    /// Whether downloads must stop.
    private var isOver: Bool { shouldStop() || state.withLock { $0.failure != nil } }

    private func next() -> RepositoryFile? {
        if shouldStop() { return nil }
        return state.withLock { $0.failure == nil ? $0.waiting.popLast() : nil }
    }

    private func add(_ bytes: Int) {
        // Under the lock, so that calls do not overlap and values do not decrease by reordering.
        state.withLock { state in
            state.bytesDone += bytes
            progress(.init(bytesDone: state.bytesDone, bytesTotal: state.bytesTotal))
        }
    }
}
