import SwiftletBytes

/// A checkpoint seen through a family's names: the model's tensors by canonical name, and
/// everything that does not fit.
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

    /// What the checkpoint was held against.
    public let configuration: ModelConfiguration
    /// The model's tensors by canonical name. A tied head has no entry (see ``required(_:)``).
    public let tensors: [String: StoredTensor]
    /// Tensors that the model needs and the files lack, by the names that they would have.
    public let missing: [String]
    /// Tensors that the model has no place for.
    public let unexpected: [String]
    /// Tensors of the wrong shape.
    public let misshapen: [Misshapen]
    /// Buffers that are not read.
    public let ignored: [String]
    /// A stored head whose bytes are the embedding's: dropped.
    public let tiedDuplicate: String?
    /// Whether the head is the embedding: the configuration ties them, and no other head is stored.
    public let tiesHead: Bool
    /// What a person should know, one sentence each.
    public let notes: [String]

    /// The path of the checkpoint, for errors.
    let path: String

    /// A tensor of the model; for a tied head, the embedding.
    ///
    /// - Parameter canonical: the canonical name, layer filled in.
    /// - Throws: ``SwiftletError/Code/tensorMismatch`` naming the tensor.
    public func required(_ canonical: String) throws(SwiftletError) -> StoredTensor {
        if let tensor = tensors[canonical] { return tensor }
        let tied = configuration.names.tiedHead
        if tiesHead, canonical == tied.head, let tensor = tensors[tied.embedding] { return tensor }
        throw SwiftletError(
            .tensorMismatch, file: path, "the checkpoint lacks a tensor", at: "\"\(canonical)\"")
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

    /// Whether all tensors are there, fit, and have a place.
    public var isComplete: Bool { missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty }

    /// Refuses a checkpoint that is not exactly the model's.
    ///
    /// - Throws: ``SwiftletError/Code/tensorMismatch`` listing all that is missing, unexpected and
    ///   misshapen.
    public func validate() throws(SwiftletError) {
        if isComplete { return }
        var parts: [String] = []
        if !missing.isEmpty { parts.append("missing: \(missing.joined(separator: ", "))") }
        if !unexpected.isEmpty { parts.append("unexpected: \(unexpected.joined(separator: ", "))") }
        if !misshapen.isEmpty {
            let list = misshapen.map { "\($0.name) \($0.found) instead of \($0.expected)" }
            parts.append("misshapen: \(list.joined(separator: ", "))")
        }
        throw SwiftletError(
            .tensorMismatch, file: path,
            "the tensors do not fit the configuration: \(parts.joined(separator: "; "))")
    }
}
