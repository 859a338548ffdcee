import SwiftletBytes

/// A checkpoint matched with a configuration: the model's tensors by canonical name, and everything
/// that does not fit.
public struct ResolvedCheckpoint: Sendable {
    /// A tensor of the wrong shape.
    public struct Misshapen: Sendable, Equatable {
        /// The name in the checkpoint.
        public let name: String
        /// The shape that the configuration asks for.
        public let expected: [Int]
        /// The shape in the file.
        public let found: [Int]
    }

    /// The configuration that the checkpoint was matched with.
    public let configuration: ModelConfiguration
    /// The model's tensors in the order of the name map, layer by layer, under the names with which
    /// the model's class saves them.
    public let modelTensors: [ModelTensor]
    /// The model's tensors by canonical name, under their names in the files.
    ///
    /// A tied head has no entry (see ``required(_:)``).
    public let tensors: [String: StoredTensor]
    /// The names that the tensors would have that the model needs and the files lack.
    public let missing: [String]
    /// The names of tensors that the model does not have.
    public let unexpected: [String]
    /// The tensors of the wrong shape.
    public let misshapen: [Misshapen]
    /// The names of buffers that are not read.
    public let ignored: [String]
    /// The name of a stored head that is dropped because it has the embedding's bytes.
    public let tiedDuplicate: String?
    /// Whether the head is the embedding: the configuration ties them and no other head is stored.
    public let tiesHead: Bool
    /// Sentences for the user about what was ignored, dropped or reinterpreted.
    public let notes: [String]

    /// The path of the checkpoint, for errors.
    let path: String

    /// How the names in the files are wrapped; nil if they are not.
    let wrapped: WrappedNames?

    /// Looks up a tensor of the model.
    ///
    /// - Parameter canonical: the canonical name, with the layer filled in.
    /// - Returns: the tensor; for a tied head, the embedding.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tensorMismatch`` naming the tensor.
    public func required(_ canonical: String) throws(SwiftletError) -> StoredTensor {
        if let tensor = tensors[canonical] { return tensor }
        let tied = configuration.names.tiedHead
        if tiesHead, canonical == tied.head, let tensor = tensors[tied.embedding] { return tensor }
        throw SwiftletError(
            .tensorMismatch, file: path, "missing tensor", at: "\"\(canonical)\"")
    }

    /// The name of a language-model head's weight in a checkpoint of the model's class, whether or
    /// not the head is tied; nil for families without one.
    package var languageHeadName: String? {
        let names = configuration.names
        let prefix = names.architecture(configuration.architecture).prefix
        return names.rows.first { $0.head == .language }.map {
            names.checkpointName($0, layer: 0, prefix: prefix)
        }
    }

    /// The name of the weight of a classification head in the family's class with one, such as
    /// `score.weight`; nil for families without such a class.
    package var classificationHeadName: String? {
        let names = configuration.names
        guard let architecture = names.architectures.first(where: { $0.head == .classes }) else {
            return nil
        }
        return names.rows.first { $0.head == .classes }.map {
            names.moduleName($0, layer: 0, prefix: architecture.prefix)
        }
    }

    /// The name of a tensor's parameter in transformers' class, whatever its name in checkpoints.
    package func moduleName(of item: ModelTensor) -> String {
        let names = configuration.names
        let prefix = names.architecture(configuration.architecture).prefix
        return names.moduleName(item.row, layer: item.layer, prefix: prefix)
    }

    /// Whether no tensor is missing, unexpected or misshapen.
    public var isComplete: Bool { missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty }

    /// Checks that the checkpoint has exactly the model's tensors.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tensorMismatch`` listing the first
    ///   tensors that are missing, unexpected or misshapen.
    public func validate() throws(SwiftletError) {
        if isComplete { return }
        var parts: [String] = []
        if !missing.isEmpty { parts.append("missing: \(ShardIndex.listed(missing))") }
        if !unexpected.isEmpty { parts.append("unexpected: \(ShardIndex.listed(unexpected))") }
        if !misshapen.isEmpty {
            let list = misshapen.map { "\($0.name) \($0.found) instead of \($0.expected)" }
            parts.append("misshapen: \(ShardIndex.listed(list))")
        }
        throw SwiftletError(
            .tensorMismatch, file: path,
            "the tensors do not match the configuration: \(parts.joined(separator: "; "))",
            hint: wrapped?.hint)
    }
}
