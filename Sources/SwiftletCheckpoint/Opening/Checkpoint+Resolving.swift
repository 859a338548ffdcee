import SwiftletBytes

extension Checkpoint {
    /// Matches the checkpoint's tensors with the model of a configuration, usually its own.
    ///
    /// The only tensor data read is that of a stored head that the configuration ties to the
    /// embedding, and of the embedding. If their bytes are equal, they are one tensor stored twice;
    /// otherwise the stored head is the model's, as in transformers 5.
    ///
    /// - Throws: the errors of reading the head and the embedding.
    public func resolved(
        _ configuration: ModelConfiguration
    ) throws(SwiftletError) -> ResolvedCheckpoint {
        var resolver = try Resolver(self, configuration)
        resolver.run()
        return ResolvedCheckpoint(
            configuration: configuration, modelTensors: resolver.modelTensors,
            tensors: resolver.tensors, missing: resolver.missing, unexpected: resolver.unexpected,
            misshapen: resolver.misshapen, ignored: resolver.named.ignored.map(\.name),
            tiedDuplicate: resolver.named.duplicate?.name, tiesHead: resolver.tiesHead,
            notes: notes + resolver.notes, path: path, wrapped: wrapped)
    }
}

/// The state of one resolution.
private struct Resolver {
    let configuration: ModelConfiguration
    let names: NameMap
    let architecture: NameMap.Architecture
    var named: NamedTensors

    var modelTensors: [ModelTensor] = []
    var tensors: [String: StoredTensor] = [:]
    var missing: [String] = []
    var unexpected: [String] = []
    var misshapen: [ResolvedCheckpoint.Misshapen] = []
    var notes: [String] = []
    var tiesHead: Bool

    init(
        _ checkpoint: Checkpoint, _ configuration: ModelConfiguration
    ) throws(SwiftletError) {
        self.configuration = configuration
        names = configuration.names
        architecture = names.architecture(configuration.architecture)
        tiesHead = configuration.tiesHead
        named = try NamedTensors(checkpoint, names: names, dropsDuplicate: configuration.tiesHead)
    }

    mutating func run() {
        var found: [String: StoredTensor] = [:]
        for item in named.tensors { found[item.canonical] = item.tensor }
        tieHead(&found)
        if let duplicate = named.duplicate {
            notes.append("\(duplicate.name) repeats the tied embedding and is dropped")
        }
        let head = architecture.head == .language && tiesHead ? nil : architecture.head
        let filePrefix = named.prefix ?? architecture.prefix
        for item in configuration.expected(storing: head) {
            let (row, layer) = (item.row, item.layer)
            let canonical = names.canonicalName(row, layer: layer)
            guard let tensor = found.removeValue(forKey: canonical) else {
                missing.append(names.checkpointName(row, layer: layer, prefix: filePrefix))
                continue
            }
            guard tensor.shape == item.shape else {
                misshapen.append(
                    .init(name: tensor.name, expected: item.shape, found: tensor.shape))
                continue
            }
            tensors[canonical] = tensor
            let name = names.checkpointName(row, layer: layer, prefix: architecture.prefix)
            modelTensors.append(
                ModelTensor(
                    canonical: canonical, tensor: tensor.renamed(name), row: row, layer: layer))
        }
        // What is left has a name of the family, but in a layer that the model does not have.
        let homeless = Set(found.values.map(\.name))
        unexpected += named.tensors.map(\.tensor.name).filter { homeless.contains($0) }
        unexpected += named.unexpected.map(\.name)
    }

    /// Decides what the head is.
    private mutating func tieHead(_ found: inout [String: StoredTensor]) {
        let tied = names.tiedHead
        guard let head = found[tied.head] else { return }
        guard tiesHead else {
            if architecture.head != .language { refuse(head, &found) }
            return
        }
        if found[tied.embedding] == nil {
            found[tied.embedding] = head
            found[tied.head] = nil
            notes.append("\(head.name) serves as the tied embedding, which is not stored")
        } else if architecture.head == .language {
            tiesHead = false
            notes.append(
                "\(head.name) differs from the embedding that the configuration ties it to; "
                    + "it is used as stored")
        } else {
            refuse(head, &found)
        }
    }

    private mutating func refuse(_ head: StoredTensor, _ found: inout [String: StoredTensor]) {
        found[names.tiedHead.head] = nil
        unexpected.append(head.name)
    }
}
