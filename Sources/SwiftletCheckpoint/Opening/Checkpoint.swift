import SwiftletBytes

/// A model's files, opened: the tensors by name, not copied, and the configuration beside them.
///
/// Opening reads headers and `config.json`; no byte of a tensor is touched.
public struct Checkpoint: Sendable {
    /// The path, as the user named it.
    public let path: String
    /// The format of the weights: `safetensors`, `torch` or `hdf5`.
    public let format: String
    /// The pairs that the weight files carry, in order.
    public let metadata: [(key: String, value: String)]
    /// The weight files.
    public let files: [String]
    /// The tensors, file by file, in the order of their bytes.
    public let tensors: [StoredTensor]
    /// The folder's `config.json`; nil for a lone file and for a folder without one.
    public let configuration: ModelConfiguration?
    /// What a person should know of the files, one sentence each: which are not read, what an index
    /// says wrongly.
    public let notes: [String]
    /// The family: the configuration's, else the one whose tensors these are; nil if neither says.
    public let family: String?
    /// The family's names; nil for an unknown one.
    let names: NameMap?

    /// The tensors as families name and lay them out.
    let familyTensors: [FamilyTensor]

    /// Opens a checkpoint.
    ///
    /// - Parameters:
    ///   - path: a folder in the Hub's layout, a single `.safetensors`, `.bin`, `.pt` or `.h5` file, or
    ///     an index of shards.
    ///   - hdf5: who reads HDF5 files.
    /// - Throws: ``SwiftletError/Code/noWeights`` for a folder without weights,
    ///   ``SwiftletError/Code/unsupportedFormat`` for weights of another format, the codes
    ///   `shards.…` for an index that does not fit its files, and the errors of
    ///   ``ModelConfiguration``, `SafetensorsFile`, `TorchArchive` and `HDF5File`.
    public init(path: String, hdf5: HDF5Reading = .own) throws(SwiftletError) {
        self.path = path
        let isFolder = FileSystem.isFolder(path)
        let source = try isFolder ? WeightFiles.inFolder(path) : WeightFiles.lone(path)
        if isFolder, FileSystem.somethingIs(at: FileSystem.join(path, "config.json")) {
            configuration = try ModelConfiguration(path: path)
        } else {
            configuration = nil
        }
        let weights = try source.open(hdf5)
        format = weights.format.rawValue
        files = weights.files
        metadata = weights.metadata
        tensors = weights.tensors
        familyTensors = weights.inFamily
        var notes = weights.notes
        if isFolder, let note = try WeightFiles.unread(in: path, beside: source, files) {
            notes.insert(note, at: 0)
        }
        if let unknown = configuration?.unknownKeys, !unknown.isEmpty {
            notes.append(
                "config.json has unknown keys, ignored: \(unknown.joined(separator: ", "))")
        }
        self.notes = notes
        if let configuration {
            names = configuration.names
        } else {
            names = try Self.recognised(familyTensors)
        }
        family = names?.family
    }

    private static func recognised(_ tensors: [FamilyTensor]) throws(SwiftletError) -> NameMap? {
        let names = tensors.map(\.name)
        var best: (map: NameMap, strangers: Int, required: Int)?
        for map in try NameMap.candidates(names) {
            guard let fit = map.recognition(names) else { continue }
            // Of two families that share names, the one that explains more of them.
            if let best, (best.strangers, -best.required) <= (fit.strangers, -fit.required) {
                continue
            }
            best = (map, fit.strangers, fit.required)
        }
        return best?.map
    }

    /// The parameters of the model: those of the configuration, else of the tensors that are here,
    /// without buffers and with a tied head counted once.
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
