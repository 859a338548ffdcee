import SwiftletBytes

/// An index of shards, such as `model.safetensors.index.json`, which maps each tensor to its file.
///
/// The index is authoritative: files that it does not list are not read, every tensor that it lists
/// must be in the file that it names and in no other, and those files must not contain other
/// tensors.
package struct ShardIndex {
    let path: String
    private let format: WeightFormat
    /// The file of each tensor, by the bytes of the tensor's name.
    private let places: [[UInt8]: String]
    /// The tensors' names in the order of the index.
    private let names: [String]
    /// The files, relative to the index's folder, sorted.
    let shards: [String]
    /// The size of all tensors in bytes, if the index states it.
    private let totalSize: Double?

    /// Reads an index.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/shardIndex`` for a malformed index,
    ///   ``SwiftletBytes/SwiftletError/Code/shardTensorTwice`` for a duplicate name,
    ///   ``SwiftletBytes/SwiftletError/Code/shardPath`` for a file outside the folder, and the
    ///   errors of JSON.
    init(path: String, _ format: WeightFormat) throws(SwiftletError) {
        self.path = path
        let index = try JSONFields(JSONValue.read(path: path), file: path, code: .shardIndex)
        let map = try index.required("weight_map", index.fields).object
        var places: [[UInt8]: String] = [:]
        for (name, value) in map.pairs {
            guard let shard = value.string else {
                throw SwiftletError(
                    .shardIndex, file: path, "\(value.excerpt) is not a file name",
                    at: "tensor \"\(name)\"")
            }
            guard InnerPath.isValid(shard) else {
                throw SwiftletError(
                    .shardPath, file: path, "\"\(shard)\" is not a path inside the folder",
                    at: "tensor \"\(name)\"")
            }
            guard places.updateValue(shard, forKey: Array(name.utf8)) == nil else {
                throw SwiftletError(
                    .shardTensorTwice, file: path, "duplicate tensor",
                    at: "tensor \"\(name)\"")
            }
        }
        guard !places.isEmpty else {
            throw SwiftletError(.shardIndex, file: path, "is empty", at: "key \"weight_map\"")
        }
        self.places = places
        names = map.pairs.map(\.key)
        self.format = format
        shards = Set(places.values).sorted()
        totalSize = index.object["metadata"]?["total_size"]?.double
    }

    /// The index's names by the names that Keras weights have in shards.
    private var listedNames: [[UInt8]: String] {
        Dictionary(
            names.map { (Array(KerasNames.nameInShard($0).utf8), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Returns the files that an index names, relative to its folder.
    ///
    /// - Throws: the errors of ``init(path:_:)``.
    package static func shards(ofIndex path: String) throws(SwiftletError) -> [String] {
        // The format of the files makes no difference to their names.
        try ShardIndex(path: path, .safetensors).shards
    }

    /// Opens all shards.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/shardMissing``,
    ///   ``SwiftletBytes/SwiftletError/Code/shardTensorMissing``,
    ///   ``SwiftletBytes/SwiftletError/Code/shardTensorTwice``,
    ///   ``SwiftletBytes/SwiftletError/Code/shardTensorUnlisted``, and
    ///   the errors of the format.
    func open(_ reading: HDF5Reading) throws(SwiftletError) -> OpenWeights {
        let folder = FileSystem.parent(path)
        let paths = shards.map { FileSystem.join(folder, $0) }
        let absent = zip(shards, paths).filter { FileSystem.entry($0.1) == nil }.map(\.0)
        guard absent.isEmpty else {
            throw SwiftletError(
                .shardMissing, file: path, "missing shards: \(Self.listed(absent))",
                hint: "the download may be incomplete; swiftlet pull completes one of the Hub")
        }
        var weights = OpenWeights(format: format, files: paths, metadata: [], tensors: [])
        var check = Check(self)
        for (shard, path) in zip(shards, paths) {
            let part = try format.openAny(path, reading)
            // For Keras weights, transformers' index puts the model before the names in the shards.
            let listed = part.familyTensors == nil ? nil : self.listedNames
            for tensor in part.tensors {
                check.add(listed?[Array(tensor.name.utf8)] ?? tensor.name, in: shard)
            }
            if weights.familyTensors != nil || part.familyTensors != nil {
                // One shard in a family's layout is enough to need the list for all.
                weights.familyTensors = weights.inFamily + part.inFamily
            }
            weights.tensors += part.tensors
            weights.notes += part.notes
            for pair in part.metadata
            where !weights.metadata.contains(where: { $0.key == pair.key }) {
                weights.metadata.append(pair)
            }
        }
        try check.finish()
        let total = StoredTensor.totalBytes(weights.tensors)
        if let totalSize, totalSize != Double(total) {
            weights.notes.append(
                "the index states \(JSONValue(finite: totalSize).text()) bytes of tensors; there are "
                    + "\(total)")
        }
        return weights
    }

    /// Joins names for an error, the first four of many.
    static func listed(_ names: [String]) -> String {
        names.prefix(4).joined(separator: ", ")
            + (names.count > 4 ? " and \(names.count - 4) more" : "")
    }

    /// Compares the contents of the shards with the index.
    private struct Check {
        private let path: String
        private let names: [String]
        private let places: [[UInt8]: String]
        private var found: Set<[UInt8]> = []
        private var elsewhere: [(name: String, shard: String)] = []
        private var unlisted: [(name: String, shard: String)] = []

        init(_ index: ShardIndex) {
            (path, names, places) = (index.path, index.names, index.places)
        }

        mutating func add(_ name: String, in shard: String) {
            let key = Array(name.utf8)
            guard let place = places[key] else {
                unlisted.append((name, shard))
                return
            }
            if place.utf8.elementsEqual(shard.utf8) {
                found.insert(key)
            } else {
                elsewhere.append((name, shard))
            }
        }

        func finish() throws(SwiftletError) {
            let lost = names.filter { !found.contains(Array($0.utf8)) }
            if let name = lost.first {
                let shard = places[Array(name.utf8)] ?? ""
                let more = lost.count > 1 ? " (and \(lost.count - 1) more)" : ""
                throw failure(
                    .shardTensorMissing,
                    "missing from \(shard)\(more)", name)
            }
            if let (name, shard) = elsewhere.first {
                let place = places[Array(name.utf8)] ?? ""
                throw failure(.shardTensorTwice, "is in both \(shard) and \(place)", name)
            }
            if let (name, shard) = unlisted.first {
                let more = unlisted.count > 1 ? " (and \(unlisted.count - 1) more)" : ""
                throw failure(
                    .shardTensorUnlisted,
                    "is in \(shard), but not in the index\(more)", name)
            }
        }

        private func failure(
            _ code: SwiftletError.Code, _ reason: String, _ name: String
        ) -> SwiftletError {
            SwiftletError(code, file: path, reason, at: "tensor \"\(name)\"")
        }
    }
}
