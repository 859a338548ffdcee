import SwiftletBytes

/// The opened files of a model: its tensors, which are not copied, and its configuration.
///
/// Opening reads headers and `config.json`, but no tensor data.
public struct Checkpoint: Sendable {
    /// The path, as the user named it.
    public let path: String
    /// The format of the weights: `safetensors`, `torch`, `hdf5` or `gguf`.
    public let format: String
    /// The metadata of the weight files, in order.
    public let metadata: [(key: String, value: String)]
    /// The weight files.
    public let files: [String]
    /// The tensors, file by file, in the order of their bytes.
    public let tensors: [StoredTensor]
    /// The folder's `config.json`, or what a GGUF file has in its place; nil for other lone files and
    /// for a folder without one.
    public let configuration: ModelConfiguration?
    /// Sentences for the user about the files, such as which are not read.
    public let notes: [String]
    /// The family: the configuration's, or without one the family that the tensors' names belong
    /// to; nil if there is none.
    public let family: String?
    /// The family's name map; nil for an unknown family.
    let names: NameMap?

    /// The tensors with the names and layouts of families.
    let familyTensors: [FamilyTensor]

    /// How the names are wrapped; nil if they are not, or no longer.
    let wrapped: WrappedNames?

    /// Opens a checkpoint.
    ///
    /// - Parameters:
    ///   - path: a folder in the Hub's layout, a single `.safetensors`, `.bin`, `.pt`, `.h5` or
    ///     `.gguf` file, or an index of shards.
    ///   - hdf5: the reader of HDF5 files.
    ///   - strippingPrefix: whether names lose what a wrapper of the model added to them, such as
    ///     `_orig_mod.` or `module.`; tensors outside the model are then left out.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noWeights`` for a folder without weights,
    ///   ``SwiftletBytes/SwiftletError/Code/unsupportedFormat`` for weights in another format, the
    ///   codes `shards.…` for an index that does not match its files, and the errors of
    ///   ``ModelConfiguration``, `SafetensorsFile`, `TorchArchive`, `HDF5File` and `GGUFFile`.
    public init(
        path: String, hdf5: HDF5Reading = .own, strippingPrefix: Bool = false
    ) throws(SwiftletError) {
        self.path = path
        let isFolder = FileSystem.isFolder(path)
        let source = try isFolder ? WeightFiles.inFolder(path) : WeightFiles.lone(path)
        var weights: OpenWeights
        if isFolder, FileSystem.somethingIs(at: FileSystem.join(path, "config.json")) {
            configuration = try ModelConfiguration(path: path)
            weights = try source.open(hdf5)
        } else {
            weights = try source.open(hdf5)
            configuration = weights.configuration
        }
        format = weights.format.rawValue
        files = weights.files
        metadata = weights.metadata
        var notes = weights.notes
        var found = try Self.names(weights.inFamily.map(\.name), configuration)
        if let wrapped = found.wrapped {
            if strippingPrefix {
                notes += weights.strip(wrapped)
                found = try Self.names(weights.inFamily.map(\.name), configuration)
            } else {
                notes.append(wrapped.hint)
            }
        }
        names = found.map
        wrapped = found.wrapped
        tensors = weights.tensors
        familyTensors = weights.inFamily
        if isFolder, let note = try WeightFiles.unread(in: path, beside: source, files) {
            notes.insert(note, at: 0)
        }
        if let unknown = configuration?.unknownKeys, !unknown.isEmpty {
            notes.append(
                "config.json has unknown keys, ignored: \(unknown.joined(separator: ", "))")
        }
        self.notes = notes
        family = names?.family
    }

    /// The names of the family, and how those of the files are wrapped.
    private static func names(
        _ names: [String], _ configuration: ModelConfiguration?
    ) throws(SwiftletError) -> (map: NameMap?, wrapped: WrappedNames?) {
        if let map = configuration?.names { return (map, WrappedNames(names, of: map)) }
        let maps = try NameMap.candidates(names)
        if let map = recognized(names, maps) { return (map, nil) }
        for map in maps {
            if let wrapped = WrappedNames(names, of: map) { return (nil, wrapped) }
        }
        return (nil, nil)
    }

    /// The family that the tensors' names belong to.
    private static func recognized(_ names: [String], _ maps: [NameMap]) -> NameMap? {
        var best: (map: NameMap, unknown: Int, required: Int)?
        for map in maps {
            guard let fit = map.recognition(names) else { continue }
            // Of families that share names, take the one that explains most of them.
            if let best, (best.unknown, -best.required) <= (fit.unknown, -fit.required) {
                continue
            }
            best = (map, fit.unknown, fit.required)
        }
        return best?.map
    }

    /// Returns the number of parameters of the model: the configuration's, or without one that of
    /// the stored tensors, without buffers and with a tied head counted once.
    ///
    /// - Throws: the errors of reading a head that may repeat the embedding.
    public func parameterCount() throws(SwiftletError) -> Int {
        if let configuration { return configuration.parameterCount }
        guard let names else { return Self.elements(tensors) }
        let named = try NamedTensors(self, names: names, dropsDuplicate: names.tiedHead.isDefault)
        return Self.elements(named.tensors.map(\.tensor) + named.unexpected)
    }

    private static func elements(_ tensors: [StoredTensor]) -> Int {
        StoredTensor.total(tensors.map(\.elementCount))
    }
}
