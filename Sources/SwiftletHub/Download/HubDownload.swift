import SwiftletBytes
import SwiftletCheckpoint
import SwiftletDigests
import Synchronization

/// Downloads a model repository into the local Hugging Face cache, in the layout of huggingface_hub
/// (`formats/hub-cache.md`).
///
/// Files become visible one by one, each complete and verified against the hash that the Hub lists.
/// The reference of the revision is written last. A download that was stopped or killed continues
/// where it was.
public struct HubDownload: Sendable {
    /// The result of a download.
    public struct Summary: Sendable {
        /// The folder of the snapshot.
        public var path: String
        /// The commit that the revision names; nil if it was found offline.
        public var commit: String?
        /// The number of selected files, all of which are there; offline, of files in the cache.
        public var files: Int
        /// Their total size in bytes.
        public var bytes: Int
        /// The files of the repository that were not selected.
        public var leftOut: [RepositoryFile]
    }

    /// The progress of a download.
    public struct Progress: Sendable {
        /// The number of bytes that are there, including those of earlier runs.
        public var bytesDone: Int
        /// The size of all selected files in bytes.
        public var bytesTotal: Int
    }

    /// The repository: `NAME` or `ORGANIZATION/NAME`.
    public let id: String
    /// A branch, a tag or a commit.
    public let revision: String
    /// The files to download.
    public let selection: FileSelection
    /// Where the Hub and the cache are.
    public let configuration: HubConfiguration

    private let repository: HubCacheRepository

    /// Checks the request.
    ///
    /// Touches neither disk nor network.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage``.
    public init(
        _ id: String, revision: String = "main", selection: FileSelection = FileSelection(),
        configuration: HubConfiguration
    ) throws(SwiftletError) {
        guard HubCache.isID(id) else {
            throw SwiftletError(
                .usage, file: id, "is not a Hub id",
                hint: "an id is NAME or ORGANIZATION/NAME, for example openai-community/gpt2")
        }
        // The revision becomes a path in the cache.
        guard InnerPath.isValid(revision), revision.utf8.count <= 255 else {
            throw SwiftletError(.usage, file: id, "\"\(revision)\" is not a valid revision")
        }
        guard !selection.everything || selection.include.isEmpty else {
            throw SwiftletError(.usage, "all files and an include list cannot be combined")
        }
        _ = try configuration.checkedEndpoint()
        self.id = id
        self.revision = revision
        self.selection = selection
        self.configuration = configuration
        repository = HubCache(folder: configuration.cache).repository(id)
    }

    /// Downloads what is missing, on new threads.
    ///
    /// - Parameter progress: called from any thread, one call at a time.
    /// - Returns: the snapshot and its files.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/cancelled`` within about a second after the task is
    ///   cancelled, and the errors of ``run(shouldStop:progress:)``.
    public func run(
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws(SwiftletError) -> Summary {
        let flag = CancellationFlag()
        let result = await withTaskCancellationHandler {
            // On a new thread, because threads that tasks share must not block.
            await withCheckedContinuation { continuation in
                ThreadTeam.start {
                    continuation.resume(
                        returning: Result { () throws(SwiftletError) in
                            try run(shouldStop: { flag.isSet }, progress: progress)
                        })
                }
            }
        } onCancel: {
            flag.set()
        }
        return try result.get()
    }

    /// Downloads what is missing, and returns when that is done.
    ///
    /// - Parameters:
    ///   - shouldStop: called often, from any thread. When it returns true, the bytes that arrived
    ///     stay for the next time.
    ///   - progress: called from any thread, one call at a time.
    /// - Returns: the snapshot and its files.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/cancelled``,
    ///   ``SwiftletBytes/SwiftletError/Code/hubNotFound``,
    ///   ``SwiftletBytes/SwiftletError/Code/hubAccess``,
    ///   ``SwiftletBytes/SwiftletError/Code/hubConnection``,
    ///   ``SwiftletBytes/SwiftletError/Code/hubRefused``,
    ///   ``SwiftletBytes/SwiftletError/Code/hubCertificate``,
    ///   ``SwiftletBytes/SwiftletError/Code/hubOffline``,
    ///   ``SwiftletBytes/SwiftletError/Code/hubLibrary``, `SwiftletError.Code.digestLibrary`; for
    ///   hostile answers
    ///   ``SwiftletBytes/SwiftletError/Code/hubAnswer``, ``SwiftletBytes/SwiftletError/Code/hubPath``,
    ///   ``SwiftletBytes/SwiftletError/Code/hubRedirect``, ``SwiftletBytes/SwiftletError/Code/hubSize``,
    ///   ``SwiftletBytes/SwiftletError/Code/hubContent``; and the errors of writing.
    public func run(
        shouldStop: @escaping @Sendable () -> Bool,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(SwiftletError) -> Summary {
        if configuration.isOffline { return try cached() }
        // Checked before anything is downloaded, because nothing could be verified without it.
        try SHADigest.loadLibrary()
        let client = try HubClient(configuration, shouldStop: shouldStop)
        let isCommit = ContentIdentity.isHexadecimal(revision, count: 40)
        let commit = isCommit ? revision : try client.commit(id, revision: revision)
        let listing = try client.listing(id, commit: commit)
        let transfer = Transfer(
            self, repository, commit: commit, shouldStop: shouldStop, progress: progress)
        try transfer.makeFolders()
        let selected = try selection.files(of: listing.files) { (index) throws(SwiftletError) in
            try ShardIndex.shards(ofIndex: try transfer.download(index, client))
        }
        try transfer.download(selected)
        try transfer.writeReference(revision)
        let chosen = Set(selected)
        return Summary(
            path: repository.snapshot(commit), commit: commit, files: selected.count,
            bytes: selected.reduce(0) { $0 + $1.size },
            leftOut: listing.files.filter { !chosen.contains($0) })
    }

    /// What the cache has, without a request.
    private func cached() throws(SwiftletError) -> Summary {
        let cache = HubCache(folder: configuration.cache)
        do throws(SwiftletError) {
            let path = try ModelLocator.snapshot(id, revision: revision, in: cache)
            let (files, bytes) = try Self.contents(path)
            return Summary(path: path, commit: nil, files: files, bytes: bytes, leftOut: [])
        } catch  where error.code == .modelNotFound {
            throw SwiftletError(
                .hubOffline, file: id,
                "is not in the Hugging Face cache, and HF_HUB_OFFLINE is set",
                hint: error.hint)
        }
    }

    /// The number of files of a snapshot, and their total size in bytes.
    private static func contents(_ folder: String) throws(SwiftletError) -> (Int, Int) {
        var (files, bytes) = (0, 0)
        for name in try FileSystem.names(in: folder) {
            let path = FileSystem.join(folder, name)
            switch FileSystem.entry(path) {
            case .file(let size):
                files += 1
                bytes += size
            // A link to a folder could lead in a circle; snapshots have none.
            case .folder where FileSystem.linkTarget(path) == nil:
                let (more, moreBytes) = try contents(path)
                files += more
                bytes += moreBytes
            default: break
            }
        }
        return (files, bytes)
    }
}

/// Tells threads that belong to no task whether the task was cancelled.
private final class CancellationFlag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}
