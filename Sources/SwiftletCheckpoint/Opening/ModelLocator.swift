import SwiftletBytes
import SwiftletLibc

/// Finds a model by what a person calls it: a path, or an id of the Hub that lies in the local
/// Hugging Face cache (`formats/checkpoint.md` says where that is).
public enum ModelLocator {
    /// The path of a model: `model` itself where something is, else the snapshot of that id.
    ///
    /// - Parameters:
    ///   - model: a path, or an id such as `openai-community/gpt2` or `gpt2`.
    ///   - revision: a branch, a tag or a whole commit id; nil means `main`. Paths have none.
    /// - Throws: ``SwiftletError/Code/modelNotFound`` with a hint that names the cache looked in.
    public static func resolve(
        _ model: String, revision: String? = nil
    ) throws(SwiftletError) -> String {
        try resolve(model, revision: revision) { name in
            guard let value = getenv(name) else { return nil }
            return String(cString: value)
        }
    }

    /// The same in another environment.
    package static func resolve(
        _ model: String, revision: String?, environment: (String) -> String?
    ) throws(SwiftletError) -> String {
        if FileSystem.somethingIs(at: model) { return model }
        guard HubCache.isID(model) else {
            throw SwiftletError(
                .modelNotFound, file: model, "no such file or folder, and no id of the Hub")
        }
        guard let cache = HubCache(environment: environment) else {
            throw SwiftletError(
                .modelNotFound, file: model, "no such file or folder",
                hint: "no Hugging Face cache was looked in: neither HF_HOME nor HOME is set")
        }
        return try snapshot(model, revision: revision ?? "main", in: cache)
    }

    /// The folder of an id's snapshot in a cache.
    ///
    /// - Throws: ``SwiftletError/Code/modelNotFound``.
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
                + (known.isEmpty ? "" : "; there are \(known.joined(separator: ", "))"))
    }
}
