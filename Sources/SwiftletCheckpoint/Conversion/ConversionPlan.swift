import SwiftletBytes

/// Which tensors a converted checkpoint has, and under which names.
struct ConversionPlan {
    var tensors: [StoredTensor]
    var metadata: [(key: String, value: String)]
    var notes: [String]

    /// - Throws: ``SwiftletError/Code/tensorMismatch`` for a checkpoint of a known family that is
    ///   not exactly a model's.
    init(_ checkpoint: Checkpoint) throws(SwiftletError) {
        metadata = [("format", "pt")]
        notes = []
        tensors = []
        if let configuration = checkpoint.configuration {
            try plan(checkpoint, configuration)
        } else if let family = checkpoint.family {
            try plan(checkpoint, NameMap(family: family))
        } else {
            // An unknown family: its names and pairs as they are.
            tensors = checkpoint.tensors
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
        tensors = resolved.modelTensors.map(\.tensor)
        notes = resolved.notes
        noteIgnored(resolved.ignored.count)
    }

    /// The tensors of a lone file, which has no configuration to say sizes and class.
    private mutating func plan(
        _ checkpoint: Checkpoint, _ names: NameMap
    ) throws(SwiftletError) {
        let named = NamedTensors(checkpoint, names: names)
        guard named.unexpected.isEmpty else {
            throw SwiftletError(
                .tensorMismatch, file: checkpoint.path,
                "tensors that a \(names.family) does not have: "
                    + named.unexpected.map(\.name).joined(separator: ", "))
        }
        let architecture = names.architecture(nil)
        tensors = named.tensors.map {
            $0.tensor.renamed(
                names.checkpointName($0.row, layer: $0.layer, prefix: architecture.prefix))
        }
        if let duplicate = named.duplicate {
            notes.append("\(duplicate.name) repeats the embedding and is dropped")
        }
        noteIgnored(named.ignored.count)
    }

    private mutating func noteIgnored(_ count: Int) {
        if count > 0 {
            notes.append("\(count) buffer\(count == 1 ? "" : "s") dropped, no parameters")
        }
    }
}
