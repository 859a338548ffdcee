import SwiftletBytes
import SwiftletCheckpoint

/// Which files of a repository are wanted.
public struct FileSelection: Sendable {
    /// Patterns of paths that are wanted, instead of what Swiftlet reads.
    public var include: [String] = []
    /// Patterns of paths that are not.
    public var exclude: [String] = []
    /// Whether all files are wanted, instead of what Swiftlet reads.
    public var everything = false

    /// What Swiftlet reads: the weights in one format, the one that opening the folder takes;
    /// configurations, tokenizers, and the texts on the model and its licence.
    public init() {}

    /// The files that are wanted.
    ///
    /// - Parameters:
    ///   - files: all there are.
    ///   - shards: the files that an index names.
    /// - Throws: ``SwiftletError/Code/hubAnswer`` for an index that names a file that is not there,
    ///   and what `shards` throws.
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

    /// The weights in the one format that opening the folder takes.
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
                        "the index names \"\(shard)\", which is not among the files",
                        hint: "--include takes files whatever the index says")
                }
                chosen.insert(file)
            }
            return chosen
        }
        // No name that is looked for: files that can be opened by their own names.
        for endings in [[".safetensors"], [".bin", ".pt", ".pth"], [".h5", ".hdf5"]] {
            let lone = files.filter { file in
                !file.path.contains("/") && endings.contains { file.path.hasSuffix($0) }
            }
            if !lone.isEmpty { return Set(lone) }
        }
        return []
    }

    /// Whether a file beside the weights is read, or says what the model is: in the repository's own
    /// folder only, as folders below it hold other forms of the model.
    private static func isCompanion(_ path: String) -> Bool {
        if path.contains("/") || path.hasPrefix(".") || path.hasSuffix(".index.json") {
            return false
        }
        let upper = path.uppercased()
        return CarriedFiles.isCarried(path) || upper.hasSuffix(".MD")
            || ["LICENSE", "NOTICE"].contains { upper.hasPrefix($0) }
    }
}
