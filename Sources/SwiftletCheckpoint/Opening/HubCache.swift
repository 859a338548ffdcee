import SwiftletBytes

/// The local Hugging Face cache: where it is, and what lies where in it (`formats/hub-cache.md`).
package struct HubCache: Sendable {
    /// The folder that holds a folder for each repository.
    package let folder: String

    /// The cache in a folder.
    package init(folder: String) { self.folder = folder }

    /// The cache by the variables that huggingface_hub reads, in its order; nil if none is set.
    package init?(environment: (String) -> String?) {
        func path(_ name: String) -> String? { Self.path(name, environment) }
        if let folder = path("HF_HUB_CACHE") ?? path("HUGGINGFACE_HUB_CACHE") {
            self.folder = folder
        } else if let home = Self.home(environment) {
            folder = FileSystem.join(home, "hub")
        } else {
            return nil
        }
    }

    /// The folder of all that Hugging Face's tools keep; nil if no variable says where.
    package static func home(_ environment: (String) -> String?) -> String? {
        if let home = path("HF_HOME", environment) { return home }
        let above =
            path("XDG_CACHE_HOME", environment)
            ?? path("HOME", environment).map { FileSystem.join($0, ".cache") }
        return above.map { FileSystem.join($0, "huggingface") }
    }

    /// The path in a variable, with `~` at its front as the home; nil if it is not set or empty.
    package static func path(_ name: String, _ environment: (String) -> String?) -> String? {
        guard let value = environment(name), !value.isEmpty else { return nil }
        guard value == "~" || value.hasPrefix("~/"), let home = environment("HOME") else {
            return value
        }
        return home + value.dropFirst()
    }

    /// What lies where of one repository of models.
    package func repository(_ id: String) -> HubCacheRepository {
        let name = "models--" + id.split(separator: "/").joined(separator: "--")
        return HubCacheRepository(
            path: FileSystem.join(folder, name),
            locks: FileSystem.join(FileSystem.join(folder, ".locks"), name))
    }

    /// Whether a text can be an id: one or two names of letters, digits, `-`, `_` and `.`.
    package static func isID(_ text: String) -> Bool {
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

/// The folders of one repository in the cache.
package struct HubCacheRepository: Sendable {
    /// The repository's folder.
    package let path: String
    /// The folder of its locks.
    package let locks: String

    /// The commits of branches and tags.
    package var references: String { FileSystem.join(path, "refs") }
    /// The files, named by their content.
    package var blobs: String { FileSystem.join(path, "blobs") }

    /// A commit's folder of links to blobs.
    package func snapshot(_ commit: String) -> String {
        FileSystem.join(FileSystem.join(path, "snapshots"), commit)
    }

    /// The commit that a revision means: by way of `refs`, else the revision itself; nil for what
    /// cannot be either.
    package func commit(_ revision: String) -> String? {
        guard InnerPath.isValid(revision) else { return nil }
        var commit = revision
        let reference = FileSystem.join(references, revision)
        if FileSystem.isFile(reference), let bytes = try? MappedFile(path: reference).bytes.copy() {
            // A commit is 40 digits; what is far longer is something else.
            commit = String(decoding: bytes.prefix(256), as: UTF8.self)
            while commit.last?.isWhitespace == true { commit.removeLast() }
        }
        return InnerPath.isValid(commit) && !commit.contains("/") ? commit : nil
    }
}
