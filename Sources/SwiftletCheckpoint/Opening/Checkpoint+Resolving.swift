import SwiftletBytes

extension Checkpoint {
    /// The checkpoint through the names and sizes of a configuration, its own as a rule.
    ///
    /// Only a stored head that the configuration ties is read, to compare it with the embedding:
    /// equal ones are one tensor stored twice; if they differ, the stored head is the model's, as
    /// in transformers 5.
    ///
    /// - Throws: ``SwiftletError/Code/configurationValue`` when the sizes overflow, and what is wrong
    ///   with the bytes of a head that is compared.
    public func resolved(
        _ configuration: ModelConfiguration
    ) throws(SwiftletError) -> ResolvedCheckpoint {
        var resolver = try Resolver(self, configuration)
        try resolver.run()
        return ResolvedCheckpoint(
            configuration: configuration, tensors: resolver.tensors, missing: resolver.missing,
            unexpected: resolver.unexpected, misshapen: resolver.misshapen,
            ignored: resolver.named.ignored.map(\.name),
            tiedDuplicate: resolver.named.duplicate?.name, tiesHead: resolver.tiesHead,
            notes: notes + resolver.notes, path: path)
    }
}

/// The state of one resolution.
private struct Resolver {
    let configuration: ModelConfiguration
    let names: NameMap
    let path: String
    let architecture: NameMap.Architecture
    var named: NamedTensors

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
        path = checkpoint.path
        architecture = names.architecture(configuration.architecture)
        tiesHead = configuration.tiesHead
        named = try NamedTensors(checkpoint, names: names, dropsDuplicate: configuration.tiesHead)
    }

    mutating func run() throws(SwiftletError) {
        var found: [String: StoredTensor] = [:]
        for item in named.tensors { found[item.canonical] = item.tensor }
        tieHead(&found)
        if let duplicate = named.duplicate {
            notes.append("\(duplicate.name) repeats the tied embedding and is dropped")
        }
        let head = architecture.head == .language && tiesHead ? nil : architecture.head
        guard
            let expected = names.expected(
                configuration.dimensions, configuration.flags, head: head)
        else {
            throw SwiftletError(
                .configurationValue, file: configuration.path, "the sizes overflow")
        }
        let prefix = named.prefix ?? architecture.prefix
        for item in expected {
            let canonical = names.canonicalName(item.row, layer: item.layer)
            guard let tensor = found.removeValue(forKey: canonical) else {
                missing.append(
                    names.checkpointName(item.row, layer: item.layer, prefix: prefix))
                continue
            }
            if tensor.shape == item.shape {
                tensors[canonical] = tensor
            } else {
                misshapen.append(
                    .init(name: tensor.name, expected: item.shape, found: tensor.shape))
            }
        }
        // What is left has a name of the family but a layer that the model does not have.
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
            notes.append("\(head.name) stands for the tied embedding, which is not stored")
        } else if architecture.head == .language {
            tiesHead = false
            notes.append(
                "\(head.name) differs from the embedding that the configuration ties it to; "
                    + "it is used as it is stored")
        } else {
            refuse(head, &found)
        }
    }

    private mutating func refuse(_ head: StoredTensor, _ found: inout [String: StoredTensor]) {
        found[names.tiedHead.head] = nil
        unexpected.append(head.name)
    }
}
