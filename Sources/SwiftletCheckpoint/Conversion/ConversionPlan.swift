import SwiftletBytes

/// The tensors of a converted checkpoint and their names.
struct ConversionPlan {
    /// A tensor to write.
    struct Item {
        /// The tensor, under the name with which the model's class saves it.
        var tensor: StoredTensor
        /// The tensor's place in its family; nil for an unknown family.
        var place: (row: NameMap.Row, layer: Int)?
    }

    /// The tensors in the order in which shards are filled.
    private(set) var items: [Item] = []
    private(set) var metadata: [(key: String, value: String)] = [("format", "pt")]
    private(set) var notes: [String] = []
    /// The family's names and the class that saves the tensors; nil for an unknown family.
    private(set) var family: (names: NameMap, architecture: NameMap.Architecture)?
    /// The checkpoint.
    let checkpoint: Checkpoint
    /// Whether the head is the embedding.
    private(set) var tiesHead = false

    /// Plans the conversion of a checkpoint.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tensorMismatch`` for a checkpoint of a known
    ///   family that does not
    ///   have exactly a model's tensors.
    init(_ checkpoint: Checkpoint) throws(SwiftletError) {
        self.checkpoint = checkpoint
        if let configuration = checkpoint.configuration {
            try plan(checkpoint, configuration)
        } else if let names = checkpoint.names {
            try plan(checkpoint, names)
        } else {
            // An unknown family keeps its names and metadata.
            items = Self.sorted(checkpoint.tensors, by: \.name).map { Item(tensor: $0) }
            notes = checkpoint.notes
            metadata = checkpoint.metadata
            if !metadata.contains(where: { $0.key == "format" }) {
                metadata.append(("format", "pt"))
            }
        }
    }

    /// Plans a model with a configuration.
    private mutating func plan(
        _ checkpoint: Checkpoint, _ configuration: ModelConfiguration
    ) throws(SwiftletError) {
        let resolved = try checkpoint.resolved(configuration)
        try resolved.validate()
        let architecture = configuration.names.architecture(configuration.architecture)
        setTensors(resolved.modelTensors, configuration.names, architecture)
        notes = resolved.notes
        tiesHead = resolved.tiesHead
        noteIgnored(resolved.ignored.count)
    }

    /// Plans the tensors of a single file, which has no configuration to tell sizes and class.
    private mutating func plan(
        _ checkpoint: Checkpoint, _ names: NameMap
    ) throws(SwiftletError) {
        let named = try NamedTensors(
            checkpoint, names: names, dropsDuplicate: names.tiedHead.isDefault)
        guard named.unexpected.isEmpty else {
            throw SwiftletError(
                .tensorMismatch, file: checkpoint.path,
                "has tensors that no \(names.family) model has: "
                    + named.unexpected.map(\.name).joined(separator: ", "))
        }
        let heads = named.tensors.filter { $0.row.head != nil }
        guard heads.count <= 1 else {
            throw SwiftletError(
                .tensorMismatch, file: checkpoint.path,
                "has the heads of several models: "
                    + heads.map(\.tensor.name).joined(separator: ", "))
        }
        setTensors(named.tensors, names, names.architecture(storing: heads.first?.row.head))
        notes = checkpoint.notes
        if let duplicate = named.duplicate {
            notes.append("\(duplicate.name) repeats the embedding and is dropped")
        }
        noteIgnored(named.ignored.count)
    }

    /// Sets the family and its tensors, under the names with which a class saves them and in the order
    /// of transformers' modules.
    private mutating func setTensors(
        _ tensors: [ModelTensor], _ names: NameMap, _ architecture: NameMap.Architecture
    ) {
        family = (names, architecture)
        let prefix = architecture.prefix
        items = Self.sorted(tensors) { names.moduleName($0.row, layer: $0.layer, prefix: prefix) }
            .map {
                let name = names.checkpointName($0.row, layer: $0.layer, prefix: prefix)
                return Item(tensor: $0.tensor.renamed(name), place: ($0.row, $0.layer))
            }
    }

    /// The elements in the natural order of their names.
    private static func sorted<Element>(
        _ elements: [Element], by name: (Element) -> String
    ) -> [Element] {
        elements.map { (key: NaturalOrder(name($0)), element: $0) }
            .sorted { $0.key < $1.key }.map(\.element)
    }

    private mutating func noteIgnored(_ count: Int) {
        if count > 0 {
            notes.append("\(count) buffer\(count == 1 ? "" : "s") dropped, not parameters")
        }
    }
}
