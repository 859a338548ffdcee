import SwiftletBytes

/// The local Hugging Face cache and its layout (`formats/hub-cache.md`).
package struct HubCache: Sendable {
    /// The folder that contains a folder per repository.
    package let folder: String

    /// Creates the cache in a folder.
    package init(folder: String) { self.folder = folder }

    /// Creates the cache that the environment names, in the order in which huggingface_hub reads the
    /// variables; nil if none is set.
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

    /// Returns the folder of Hugging Face's tools; nil if no variable names it.
    package static func home(_ environment: (String) -> String?) -> String? {
        if let home = path("HF_HOME", environment) { return home }
        let above =
            path("XDG_CACHE_HOME", environment)
            ?? path("HOME", environment).map { FileSystem.join($0, ".cache") }
        return above.map { FileSystem.join($0, "huggingface") }
    }

    /// Returns the path in a variable, with a leading `~` replaced by the home folder; nil if the
    /// variable is not set or empty.
    package static func path(_ name: String, _ environment: (String) -> String?) -> String? {
        guard let value = environment(name), !value.isEmpty else { return nil }
        guard value == "~" || value.hasPrefix("~/"), let home = environment("HOME") else {
            return value
        }
        return home + value.dropFirst()
    }

    /// Returns the folders of a model repository.
    package func repository(_ id: String) -> HubCacheRepository {
        let name = "models--" + id.split(separator: "/").joined(separator: "--")
        return HubCacheRepository(
            path: FileSystem.join(folder, name),
            locks: FileSystem.join(FileSystem.join(folder, ".locks"), name))
    }

    /// Whether a text is a valid id: one or two names of letters, digits, `-`, `_` and `.`.
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

/// The folders of a repository in the cache.
package struct HubCacheRepository: Sendable {
    /// The repository's folder.
    package let path: String
    /// The folder of the repository's locks.
    package let locks: String

    /// The folder of references, which map branches and tags to commits.
    package var references: String { FileSystem.join(path, "refs") }
    /// The folder of the files, which are named by a hash of their contents.
    package var blobs: String { FileSystem.join(path, "blobs") }

    /// Returns the folder of a commit, which contains links to the blobs.
    package func snapshot(_ commit: String) -> String {
        FileSystem.join(FileSystem.join(path, "snapshots"), commit)
    }

    /// Returns the commit of a revision: the one that its reference names, or the revision itself; nil if
    /// it cannot be either.
    package func commit(_ revision: String) -> String? {
        guard InnerPath.isValid(revision) else { return nil }
        var commit = revision
        let reference = FileSystem.join(references, revision)
        if FileSystem.isFile(reference), let bytes = try? MappedFile(path: reference).bytes.copy() {
            // A commit has 40 digits, so the rest of a longer file does not matter.
            commit = String(decoding: bytes.prefix(256), as: UTF8.self)
            while commit.last?.isWhitespace == true { commit.removeLast() }
        }
        return InnerPath.isValid(commit) && !commit.contains("/") ? commit : nil
    }
}
