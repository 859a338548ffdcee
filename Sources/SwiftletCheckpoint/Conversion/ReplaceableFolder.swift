import SwiftletBytes

/// Decides whether a checkpoint may replace an existing folder.
///
/// A folder is replaced as a whole, so everything in it that is not part of a checkpoint would be
/// lost. Each entry must therefore be a file that saved checkpoints consist of, or one that the new
/// checkpoint writes again under the same name; subfolders never are. `formats/checkpoint.md`
/// states the rule.
struct ReplaceableFolder {
    private let path: String
    private let names: [String]
    private let isSource: Bool
    /// The files that the conversion writes again from its source.
    private let returning: Set<String>

    /// - Parameters:
    ///   - path: an existing folder.
    ///   - source: what is converted: a folder or a file.
    /// - Throws: the errors of listing the folder.
    init(_ path: String, source: String) throws(SwiftletError) {
        self.path = path
        names = try FileSystem.names(in: path)
        isSource = FileSystem.realPath(path) == FileSystem.realPath(source)
        if FileSystem.isFolder(source) {
            returning = Set(try CarriedFiles.names(in: source) + ["config.json"])
        } else {
            returning = []
        }
    }

    /// - Throws: `cannotCreate`, naming what would be lost.
    func check() throws(SwiftletError) {
        let lost = names.filter { !mayGo($0) }
        guard lost.isEmpty else {
            throw refusal(
                isSource
                    ? "is the source, and would lose \(ShardIndex.listed(lost))"
                    : "replacing it would lose \(ShardIndex.listed(lost))")
        }
        // Without weights these may be the only copies of somebody's configuration or tokenizer.
        guard isSource || names.isEmpty || names.contains(where: WeightFiles.isSaved) else {
            throw refusal(
                "holds no weights, and replacing it would lose \(ShardIndex.listed(names))")
        }
    }

    /// Refuses to convert a folder over itself when it holds weights that are not read.
    ///
    /// - Parameter files: the weight files that are read.
    /// - Throws: `cannotCreate`, naming the others.
    func check(read files: [String]) throws(SwiftletError) {
        guard isSource else { return }
        let read = Set(files.map(FileSystem.name))
        let lost = names.filter { TargetFormat(path: $0) != nil && !read.contains($0) }
        guard lost.isEmpty else {
            throw refusal("is the source, and would lose \(ShardIndex.listed(lost)), not read")
        }
    }

    /// Whether an entry may be removed along with the folder.
    private func mayGo(_ name: String) -> Bool {
        guard FileSystem.isFile(FileSystem.join(path, name)) else { return false }
        if returning.contains(name) { return true }
        // Over itself, a checkpoint gets back only the weights in the forms written here.
        if isSource { return TargetFormat.isWritten(name) }
        return WeightFiles.isSaved(name) || CarriedFiles.saved.contains(name)
    }

    private func refusal(_ reason: String) -> SwiftletError {
        SwiftletError(
            .cannotCreate, file: path, reason, hint: "remove it first, or name another folder")
    }
}
