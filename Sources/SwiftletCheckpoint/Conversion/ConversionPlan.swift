import SwiftletBytes

/// Which tensors a converted checkpoint has, and under which names.
struct ConversionPlan {
    /// In the order in which shards are filled.
    private(set) var tensors: [StoredTensor] = []
    private(set) var metadata: [(key: String, value: String)] = [("format", "pt")]
    private(set) var notes: [String] = []

    /// - Throws: ``SwiftletError/Code/tensorMismatch`` for a checkpoint of a known family that is
    ///   not exactly a model's.
    init(_ checkpoint: Checkpoint) throws(SwiftletError) {
        if let configuration = checkpoint.configuration {
            try plan(checkpoint, configuration)
        } else if let family = checkpoint.family {
            try plan(checkpoint, NameMap(family: family))
        } else {
            // An unknown family: its names and pairs as they are.
            tensors = Self.inOrder(checkpoint.tensors.map { ($0.name, $0) })
            notes = checkpoint.notes
            metadata = checkpoint.metadata
            if !metadata.contains(where: { $0.key == "format" }) {
                metadata.append(("format", "pt"))
            }
        }
    }

    /// The model's tensors under the names that its class saves.
    private mutating func plan(
        _ checkpoint: Checkpoint, _ configuration: ModelConfiguration
    ) throws(SwiftletError) {
        let resolved = try checkpoint.resolved(configuration)
        try resolved.validate()
        tensors = Self.inOrder(resolved.modelTensors.map { ($0.moduleName, $0.tensor) })
        notes = resolved.notes
        noteIgnored(resolved.ignored.count)
    }

    /// The tensors of a lone file, which has no configuration to say sizes and class.
    private mutating func plan(
        _ checkpoint: Checkpoint, _ names: NameMap
    ) throws(SwiftletError) {
        let named = try NamedTensors(
            checkpoint, names: names, dropsDuplicate: names.tiedHead.isDefault)
        guard named.unexpected.isEmpty else {
            throw SwiftletError(
                .tensorMismatch, file: checkpoint.path,
                "tensors that a \(names.family) does not have: "
                    + named.unexpected.map(\.name).joined(separator: ", "))
        }
        let prefix = names.architecture(nil).prefix
        tensors = Self.inOrder(
            named.tensors.map {
                let name = names.checkpointName($0.row, layer: $0.layer, prefix: prefix)
                return (
                    names.moduleName($0.row, layer: $0.layer, prefix: prefix),
                    $0.tensor.renamed(name)
                )
            })
        notes = checkpoint.notes
        if let duplicate = named.duplicate {
            notes.append("\(duplicate.name) repeats the embedding and is dropped")
        }
        noteIgnored(named.ignored.count)
    }

    /// Tensors sorted by their names in transformers' modules.
    private static func inOrder(
        _ tensors: [(module: String, tensor: StoredTensor)]
    ) -> [StoredTensor] {
        tensors.map { (key: NaturalOrder($0.module), tensor: $0.tensor) }
            .sorted { $0.key < $1.key }.map(\.tensor)
    }

    private mutating func noteIgnored(_ count: Int) {
        if count > 0 {
            notes.append("\(count) buffer\(count == 1 ? "" : "s") dropped, no parameters")
        }
    }
}
