import SwiftletBytes
import SwiftletCheckpoint
import SwiftletDigests

/// Hashes of files, each computed once in the life of an object.
///
/// A file is always read: sizes and times do not show that bytes on a disk have changed.
final class InputHashes {
    private let folder: RunFolder
    private let threads: Int
    private var known: [String: String] = [:]

    init(_ folder: RunFolder, threads: Int) {
        self.folder = folder
        self.threads = threads
    }

    /// The SHA-256 of files, by path, computed on several threads.
    ///
    /// - Throws: the errors of reading, for the first file that has one.
    func hashes(_ paths: [String]) throws(SwiftletError) -> [String] {
        let missing = paths.filter { known[$0] == nil }
        let computed = ThreadTeam.map(missing, threads: threads) { path in
            Result { () throws(SwiftletError) in try SHADigest.sha256(ofFile: path) }
        }
        for (path, result) in zip(missing, computed) { known[path] = try result.get() }
        return paths.map { known[$0] ?? "" }
    }

    /// Forgets what a stage's outputs were, because it runs.
    func forget(_ stage: StageID) {
        let prefix = folder.path(of: stage) + "/"
        known = known.filter { !$0.key.hasPrefix(prefix) }
    }

    /// Whether the outputs of a record are there with their hashes.
    ///
    /// - Returns: nil if so; else what is wrong.
    /// - Throws: the errors of computing hashes.
    func damage(_ record: StageRecord, of stage: StageID) throws(SwiftletError) -> String? {
        for output in record.outputs
        where !FileSystem.isFile(folder.path(of: stage, output.path)) {
            return "\(output.path) is missing"
        }
        let actual = try hashes(record.outputs.map { folder.path(of: stage, $0.path) })
        for (output, hash) in zip(record.outputs, actual) where output.hash != hash {
            return "\(output.path) is damaged"
        }
        return nil
    }

    /// The hashes of what a stage reads.
    ///
    /// - Parameters:
    ///   - input: what it reads.
    ///   - record: the records of the stages that it reads from, which must be complete.
    /// - Returns: names and hashes, in a fixed order.
    /// - Throws: no input (66) for a missing file, and the errors of reading.
    func values(_ input: StageInput, _ record: (StageID) -> StageRecord?)
        throws(SwiftletError) -> [(name: String, hash: String)]
    {
        switch input {
        case .stage(let id, let part):
            let outputs = (record(id)?.outputs ?? []).filter { part.includes($0.path) }
            guard !outputs.isEmpty else {
                throw SwiftletError(
                    .defect, file: folder.path(of: id), "has no output that another stage needs")
            }
            // Stages of one seed read from stages of the same seed, except those of all seeds.
            return outputs.map { ("\(id.seedFolder)/\(id.name)/\($0.path)", $0.hash) }
        case .file(let path):
            return [(FileSystem.name(path), try hashes([path])[0])]
        case .model(let model):
            let path = try ModelLocator.resolve(model)
            let names = try CheckpointFiles.names(of: path)
            guard names.contains(where: CheckpointFiles.isWeights) else {
                throw SwiftletError(.noSuchFile, file: path, "has no weights")
            }
            let paths = names.map { $0.isEmpty ? path : FileSystem.join(path, $0) }
            return try zip(names, hashes(paths)).map {
                ($0.0.isEmpty ? "model" : "model/\($0.0)", $0.1)
            }
        }
    }
}
