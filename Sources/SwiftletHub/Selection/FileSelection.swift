import SwiftletBytes
import SwiftletCheckpoint

/// Which files of a repository to download.
public struct FileSelection: Sendable {
    /// Patterns of paths to download instead of the files that Swiftlet reads.
    public var include: [String] = []
    /// Patterns of paths to leave out.
    public var exclude: [String] = []
    /// Whether to download all files instead of those that Swiftlet reads.
    public var everything = false

    /// Selects the files that Swiftlet reads: the weights in one format, the one that is used when
    /// the folder is opened; configuration and tokenizer files; model card and license.
    public init() {}

    /// Selects files.
    ///
    /// - Parameters:
    ///   - files: all files of the repository.
    ///   - shards: returns the files that an index names.
    /// - Returns: the selected files.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hubAnswer`` if an index names a file that does
    ///   not exist, and
    ///   what `shards` throws.
    func files(
        of files: [RepositoryFile], shards: (RepositoryFile) throws(SwiftletError) -> [String]
    ) throws(SwiftletError) -> [RepositoryFile] {
        let excluded = exclude.map(GlobPattern.init)
        let candidates = files.filter { file in !excluded.contains { $0.matches(file.path) } }
        if everything { return candidates }
        if !include.isEmpty {
            let included = include.map(GlobPattern.init)
            return candidates.filter { file in included.contains { $0.matches(file.path) } }
        }
        let weights = try Self.weights(among: candidates, shards)
        return candidates.filter { weights.contains($0) || Self.isCompanion($0.path) }
    }

    /// The weights in the format that is used when the folder is opened.
    private static func weights(
        among files: [RepositoryFile], _ shards: (RepositoryFile) throws(SwiftletError) -> [String]
    ) throws(SwiftletError) -> Set<RepositoryFile> {
        var byPath: [[UInt8]: RepositoryFile] = [:]
        for file in files { byPath[Array(file.path.utf8)] = file }
        for (name, isIndex) in WeightFiles.readable {
            guard let file = byPath[Array(name.utf8)] else { continue }
            guard isIndex else { return [file] }
            var chosen: Set = [file]
            for shard in try shards(file) {
                guard let file = byPath[Array(shard.utf8)] else {
                    throw SwiftletError(
                        .hubAnswer, file: name,
                        "the index names \"\(shard)\", which the repository does not have",
                        hint: "--include selects files regardless of the index")
                }
                chosen.insert(file)
            }
            return chosen
        }
        // Without a file of a known name: files that can be opened by their paths.
        for endings in [[".safetensors"], [".bin", ".pt", ".pth"], [".h5", ".hdf5"]] {
            let lone = files.filter { file in
                !file.path.contains("/") && endings.contains { file.path.hasSuffix($0) }
            }
            if !lone.isEmpty { return Set(lone) }
        }
        return []
    }

    /// Whether a file other than weights is read, or describes the model.
    ///
    /// Only files at the top level count, because subfolders hold other versions of the model.
    private static func isCompanion(_ path: String) -> Bool {
        if path.contains("/") || path.hasPrefix(".") || path.hasSuffix(".index.json") {
            return false
        }
        let upper = path.uppercased()
        return CarriedFiles.isCarried(path) || upper.hasSuffix(".MD")
            || ["LICENSE", "NOTICE"].contains { upper.hasPrefix($0) }
    }
}
