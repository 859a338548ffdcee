import SwiftletBytes

/// Which tensors a converted checkpoint has, and under which names.
struct ConversionPlan {
    /// A tensor that is written.
    struct Item {
        /// Under the name that the model's class saves it with.
        var tensor: StoredTensor
        /// The name in transformers' modules, by which shards are filled.
        var moduleName: String
        /// What it is in its family; nil for an unknown one.
        var place: (row: NameMap.Row, layer: Int)?
    }

    /// In the order in which shards are filled.
    private(set) var items: [Item] = []
    private(set) var metadata: [(key: String, value: String)] = [("format", "pt")]
    private(set) var notes: [String] = []
    /// The names that the items are of, and the class that saves them; nil for an unknown family.
    private(set) var family: (names: NameMap, architecture: NameMap.Architecture)?

    /// - Throws: ``SwiftletError/Code/tensorMismatch`` for a checkpoint of a known family that is
    ///   not exactly a model's.
    init(_ checkpoint: Checkpoint) throws(SwiftletError) {
        if let configuration = checkpoint.configuration {
            try plan(checkpoint, configuration)
        } else if let names = checkpoint.names {
            try plan(checkpoint, names)
        } else {
            // An unknown family: its names and pairs as they are.
            setItems(checkpoint.tensors.map { Item(tensor: $0, moduleName: $0.name) })
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
        family = (configuration.names, configuration.names.architecture(configuration.architecture))
        setItems(
            resolved.modelTensors.map {
                Item(tensor: $0.tensor, moduleName: $0.moduleName, place: ($0.row, $0.layer))
            })
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
        let heads = named.tensors.filter { $0.row.head != nil }
        guard heads.count <= 1 else {
            throw SwiftletError(
                .tensorMismatch, file: checkpoint.path,
                "heads of several models: "
                    + heads.map(\.tensor.name).joined(separator: ", "))
        }
        let architecture = names.architecture(storing: heads.first?.row.head)
        family = (names, architecture)
        let prefix = architecture.prefix
        setItems(
            named.tensors.map {
                let name = names.checkpointName($0.row, layer: $0.layer, prefix: prefix)
                return Item(
                    tensor: $0.tensor.renamed(name),
                    moduleName: names.moduleName($0.row, layer: $0.layer, prefix: prefix),
                    place: ($0.row, $0.layer))
            })
        notes = checkpoint.notes
        if let duplicate = named.duplicate {
            notes.append("\(duplicate.name) repeats the embedding and is dropped")
        }
        noteIgnored(named.ignored.count)
    }

    /// Sets the items, sorted by their names in transformers' modules.
    private mutating func setItems(_ items: [Item]) {
        self.items = items.map { (key: NaturalOrder($0.moduleName), item: $0) }
            .sorted { $0.key < $1.key }.map(\.item)
    }

    private mutating func noteIgnored(_ count: Int) {
        if count > 0 {
            notes.append("\(count) buffer\(count == 1 ? "" : "s") dropped, no parameters")
        }
    }
}
