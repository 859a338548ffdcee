import SwiftletBytes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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
        guard isID(model) else {
            throw SwiftletError(
                .modelNotFound, file: model, "no such file or folder, and no id of the Hub")
        }
        guard let cache = cache(environment) else {
            throw SwiftletError(
                .modelNotFound, file: model, "no such file or folder",
                hint: "no Hugging Face cache was looked in: neither HF_HOME nor HOME is set")
        }
        let repository = FileSystem.join(
            cache, "models--" + model.split(separator: "/").joined(separator: "--"))
        guard FileSystem.isFolder(repository) else {
            throw SwiftletError(
                .modelNotFound, file: model,
                "no such file or folder, and not in the Hugging Face cache",
                hint: "looked in \(cache)")
        }
        let revision = revision ?? "main"
        guard let snapshot = snapshot(in: repository, revision) else {
            let refs = FileSystem.join(repository, "refs")
            let known = (try? FileSystem.names(in: refs)) ?? []
            throw SwiftletError(
                .modelNotFound, file: model,
                "the Hugging Face cache does not have revision \"\(revision)\"",
                hint: "looked in \(repository)"
                    + (known.isEmpty ? "" : "; there are \(known.joined(separator: ", "))"))
        }
        return snapshot
    }

    /// The snapshot that a revision means: by way of `refs`, else a commit.
    private static func snapshot(in repository: String, _ revision: String) -> String? {
        guard InnerPath.isValid(revision) else { return nil }
        var commit = revision
        let reference = FileSystem.join(FileSystem.join(repository, "refs"), revision)
        if FileSystem.isFile(reference), let bytes = try? MappedFile(path: reference).bytes.copy() {
            // A commit is 40 digits; what is far longer is something else.
            commit = String(decoding: bytes.prefix(256), as: UTF8.self)
            while commit.last?.isWhitespace == true { commit.removeLast() }
        }
        guard InnerPath.isValid(commit), !commit.contains("/") else { return nil }
        let path = FileSystem.join(FileSystem.join(repository, "snapshots"), commit)
        return FileSystem.isFolder(path) ? path : nil
    }

    /// The cache's folder, by the variables that huggingface_hub reads, in its order.
    private static func cache(_ environment: (String) -> String?) -> String? {
        func value(_ name: String) -> String? {
            guard let value = environment(name), !value.isEmpty else { return nil }
            guard value == "~" || value.hasPrefix("~/"), let home = environment("HOME") else {
                return value
            }
            return home + value.dropFirst()
        }
        if let cache = value("HF_HUB_CACHE") ?? value("HUGGINGFACE_HUB_CACHE") { return cache }
        if let home = value("HF_HOME") { return FileSystem.join(home, "hub") }
        let above = value("XDG_CACHE_HOME") ?? value("HOME").map { FileSystem.join($0, ".cache") }
        return above.map { FileSystem.join($0, "huggingface/hub") }
    }

    /// Whether a text can be an id: one or two names of letters, digits, `-`, `_` and `.`.
    private static func isID(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 2, text.utf8.count <= 96 * 2, !text.contains("--"),
            !text.contains("..")
        else { return false }
        return parts.allSatisfy { part in
            guard let first = part.first, let last = part.last else { return false }
            let edges = Array("-.".utf8)
            return !edges.contains(first) && !edges.contains(last) && part.allSatisfy(isNameByte)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}
