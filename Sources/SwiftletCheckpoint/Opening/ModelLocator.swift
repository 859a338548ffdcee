import SwiftletBytes
import SwiftletLibc

/// Finds a model by its path, or by its Hub id in the local Hugging Face cache
/// (`formats/checkpoint.md` says where that is).
public enum ModelLocator {
    /// Finds a model on disk.
    ///
    /// - Parameters:
    ///   - model: a path, or an id such as `openai-community/gpt2` or `gpt2`.
    ///   - revision: a branch, a tag or a full commit id, for ids only; nil means `main`.
    /// - Returns: `model` itself if it exists, otherwise the snapshot of that id.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/modelNotFound``, with a hint that names the
    ///   cache; `noSuchFile` with the system's reason for a path that cannot be reached.
    public static func resolve(
        _ model: String, revision: String? = nil
    ) throws(SwiftletError) -> String {
        try resolve(model, revision: revision) { name in
            guard let value = getenv(name) else { return nil }
            return String(cString: value)
        }
    }

    /// Returns the path of a model, looking in the cache that `environment` names.
    package static func resolve(
        _ model: String, revision: String?, environment: (String) -> String?
    ) throws(SwiftletError) -> String {
        if let obstacle = FileSystem.obstacle(model) {
            throw SwiftletError(.noSuchFile, file: model, obstacle)
        }
        if FileSystem.somethingIs(at: model) { return model }
        guard HubCache.isID(model) else {
            throw SwiftletError(
                .modelNotFound, file: model, "no such file or folder, and not a valid Hub id")
        }
        guard let cache = HubCache(environment: environment) else {
            throw SwiftletError(
                .modelNotFound, file: model, "no such file or folder",
                hint: "the Hugging Face cache was not searched: neither HF_HOME nor HOME is set")
        }
        return try snapshot(model, revision: revision ?? "main", in: cache)
    }

    /// Returns the folder of an id's snapshot in a cache.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/modelNotFound``.
    package static func snapshot(
        _ id: String, revision: String, in cache: HubCache
    ) throws(SwiftletError) -> String {
        let repository = cache.repository(id)
        guard FileSystem.isFolder(repository.path) else {
            throw SwiftletError(
                .modelNotFound, file: id,
                "no such file or folder, and not in the Hugging Face cache",
                hint: "looked in \(cache.folder); swiftlet pull \(id) downloads it")
        }
        if let commit = repository.commit(revision) {
            let path = repository.snapshot(commit)
            if FileSystem.isFolder(path) { return path }
        }
        let known = (try? FileSystem.names(in: repository.references)) ?? []
        throw SwiftletError(
            .modelNotFound, file: id,
            "the Hugging Face cache does not have revision \"\(revision)\"",
            hint: "looked in \(repository.path)"
                + (known.isEmpty ? "" : "; it has \(known.joined(separator: ", "))"))
    }
}
