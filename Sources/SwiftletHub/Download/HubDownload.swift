import SwiftletBytes
import SwiftletCheckpoint
import Synchronization

/// Downloads a repository of models into the local Hugging Face cache, in huggingface_hub's layout
/// (`formats/hub-cache.md`).
///
/// Files become visible one by one, each whole and checked against the hash that the Hub lists; the
/// revision's reference is written last. A download that was stopped or killed goes on where it was.
public struct HubDownload: Sendable {
    /// What came of a download.
    public struct Summary: Sendable {
        /// The snapshot's folder.
        public var path: String
        /// The commit that the revision means; nil for what was found offline.
        public var commit: String?
        /// How many files are wanted, all of which are there; offline, how many are there.
        public var files: Int
        /// Their bytes.
        public var bytes: Int
        /// The repository's files that are not wanted.
        public var leftOut: [RepositoryFile]
    }

    /// How far a download is.
    public struct Progress: Sendable {
        /// The bytes that are there, those of earlier runs among them.
        public var bytesDone: Int
        /// The bytes of all wanted files.
        public var bytesTotal: Int
    }

    /// The repository: `NAME` or `ORGANISATION/NAME`.
    public let id: String
    /// A branch, a tag or a commit.
    public let revision: String
    /// The files that are wanted.
    public let selection: FileSelection
    /// Where the Hub and the cache are.
    public let configuration: HubConfiguration

    private let repository: HubCacheRepository

    /// Checks what is asked for; touches neither disk nor network.
    ///
    /// - Throws: ``SwiftletError/Code/usage``.
    public init(
        _ id: String, revision: String = "main", selection: FileSelection = FileSelection(),
        configuration: HubConfiguration
    ) throws(SwiftletError) {
        guard HubCache.isID(id) else {
            throw SwiftletError(
                .usage, file: id, "is no id of the Hub",
                hint: "ids are NAME or ORGANISATION/NAME, as openai-community/gpt2")
        }
        // It becomes a path in the cache.
        guard InnerPath.isValid(revision), revision.utf8.count <= 255 else {
            throw SwiftletError(.usage, file: id, "\"\(revision)\" is no revision")
        }
        guard !selection.everything || selection.include.isEmpty else {
            throw SwiftletError(.usage, "all files and only some exclude each other")
        }
        _ = try configuration.checkedEndpoint()
        self.id = id
        self.revision = revision
        self.selection = selection
        self.configuration = configuration
        repository = HubCache(folder: configuration.cache).repository(id)
    }

    /// Downloads what is missing, on threads of its own.
    ///
    /// - Parameter progress: called from any thread, one call at a time.
    /// - Throws: ``SwiftletError/Code/cancelled`` within a second or so of the task's cancellation,
    ///   and as ``run(shouldStop:progress:)``.
    public func run(
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws(SwiftletError) -> Summary {
        let flag = CancellationFlag()
        let result = await withTaskCancellationHandler {
            // On a thread that may wait, unlike those that tasks share.
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

    /// Downloads what is missing; returns when it is done.
    ///
    /// - Parameters:
    ///   - shouldStop: asked often, from any thread; what has come by then stays for the next time.
    ///   - progress: called from any thread, one call at a time.
    /// - Throws: ``SwiftletError/Code/cancelled``, ``SwiftletError/Code/hubNotFound``,
    ///   ``SwiftletError/Code/hubAccess``, ``SwiftletError/Code/hubConnection``,
    ///   ``SwiftletError/Code/hubRefused``, ``SwiftletError/Code/hubCertificate``,
    ///   ``SwiftletError/Code/hubOffline``, ``SwiftletError/Code/hubLibrary``; for hostile answers
    ///   ``SwiftletError/Code/hubAnswer``, ``SwiftletError/Code/hubPath``,
    ///   ``SwiftletError/Code/hubRedirect``, ``SwiftletError/Code/hubSize``,
    ///   ``SwiftletError/Code/hubContent``; and the errors of writing.
    public func run(
        shouldStop: @escaping @Sendable () -> Bool,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(SwiftletError) -> Summary {
        if configuration.isOffline { return try cached() }
        // Without it nothing could be kept, so it is missed before anything is downloaded.
        try SHADigest.loadLibrary()
        let client = try HubClient(configuration, shouldStop: shouldStop)
        let isCommit = ContentIdentity.areDigits(revision, count: 40)
        let commit = isCommit ? revision : try client.commit(id, revision: revision)
        let listing = try client.listing(id, commit: commit)
        let transfer = Transfer(
            self, repository, commit: commit, shouldStop: shouldStop, progress: progress)
        try transfer.makeFolders()
        let wanted = try selection.files(of: listing.files) { (index) throws(SwiftletError) in
            try ShardIndex.shards(ofIndex: try transfer.bring(index, client))
        }
        try transfer.bring(wanted)
        try transfer.writeReference(revision)
        let chosen = Set(wanted)
        return Summary(
            path: repository.snapshot(commit), commit: commit, files: wanted.count,
            bytes: wanted.reduce(0) { $0 + $1.size },
            leftOut: listing.files.filter { !chosen.contains($0) })
    }

    /// What the cache has, without asking the Hub.
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

    /// How many files a snapshot has, and their bytes.
    private static func contents(_ folder: String) throws(SwiftletError) -> (Int, Int) {
        var (files, bytes) = (0, 0)
        for name in try FileSystem.names(in: folder) {
            let path = FileSystem.join(folder, name)
            switch FileSystem.entry(path) {
            case .file(let size):
                files += 1
                bytes += size
            // Folders are real ones; a link to one could lead round in circles.
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

/// Whether a task was cancelled, for threads that belong to no task.
private final class CancellationFlag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}
