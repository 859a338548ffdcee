import SwiftletBytes

/// A `config.json`: the family that it names and the sizes of the model, checked.
public struct ModelConfiguration: Sendable {
    /// The path of the file.
    public let path: String
    /// The family: `gpt2`.
    public let family: String
    /// The whole file, keys in order.
    public let object: JSONObject
    /// The sizes by symbol: `vocabularySize`, `hiddenSize`, `layerCount`, `headCount`, `headSize`,
    /// `feedForwardSize`, `contextLength`, with a classification head `labelCount`. All are positive.
    public let dimensions: [String: Int]
    /// What else decides which tensors there are, by name: `hasAttentionBiases`, `normsBefore`; the
    /// family's name map lists them.
    public let flags: [String: Bool]
    /// Whether the head shares the weight of the token embedding.
    public let tiesHead: Bool
    /// The first of `architectures`.
    public let architecture: String?
    /// The head of the model's class; nil for a class that gives hidden states.
    public let head: NameMap.Head?
    /// What the classification head tells apart; nil for a class with another head, or none.
    public let labels: ClassLabels?
    /// The family's tensors.
    public let names: NameMap
    /// The standard deviation of fresh weights.
    public let initializerRange: Double
    /// The row of the token embedding that belongs to padding and begins as zeros; nil for none.
    public let paddingRow: Int?
    /// The head that has a weight of its own; nil for one that is tied to the embedding.
    let storedHead: NameMap.Head?
    /// The parameters of the model, a tied head counted once.
    public let parameterCount: Int

    /// Reads a configuration.
    ///
    /// - Parameter path: a `config.json`, or the folder that has one.
    /// - Throws: `noSuchFile` without the file, `json` for other bytes than JSON,
    ///   ``SwiftletError/Code/unknownFamily``, ``SwiftletError/Code/unsupportedKey``, or
    ///   ``SwiftletError/Code/configurationValue`` naming the key.
    public init(path: String) throws(SwiftletError) {
        let file = FileSystem.isFolder(path) ? FileSystem.join(path, "config.json") : path
        guard FileSystem.somethingIs(at: file) else {
            throw SwiftletError(.noSuchFile, file: file, "no such file")
        }
        let value = try JSONValue.read(path: file)
        guard let object = value.object else {
            throw SwiftletError(.configurationForm, file: file, "is no JSON object")
        }
        try self.init(object: object, path: file)
    }

    /// Checks a configuration that is at hand.
    ///
    /// - Parameters:
    ///   - object: the whole configuration.
    ///   - path: named in errors.
    public init(object: JSONObject, path: String) throws(SwiftletError) {
        let fields = JSONFields(object, file: path, code: .configurationValue)
        do throws(SwiftletError) {
            let names = try Self.names(for: fields)
            for refusal in names.refused where refusal.applies(to: object) {
                let value = refusal.isRefused ? " \(refusal.value.excerpt)" : ""
                throw fields.failure(
                    refusal.key, "\(refusal.key)\(value) is not supported", .unsupportedKey)
            }
            architecture = object["architectures"]?.array?.first?.string
            head = names.architecture(architecture).head
            labels = head == .classes ? try fields.labels() : nil
            var dimensions = try fields.dimensions(names.dimensions)
            dimensions["labelCount"] = labels?.count
            self.dimensions = dimensions
            flags = try fields.flags(names.flags)
            paddingRow = fields.paddingRow(
                names.padding, rows: dimensions["vocabularySize"] ?? 0)
            tiesHead = try fields.bool(names.tiedHead.key, default: names.tiedHead.isDefault)
            initializerRange = try fields.deviation(names.initializerRange)
            self.names = names
        } catch {
            throw error.inFile(path)
        }
        self.path = path
        self.object = object
        family = names.family
        storedHead = head == .language && tiesHead ? nil : head
        guard let count = names.parameterCount(dimensions, flags, head: storedHead) else {
            throw SwiftletError(
                .configurationValue, file: path, "the sizes make a model too large to count")
        }
        parameterCount = count
    }

    /// The keys, for typed access.
    package var fields: JSONFields {
        JSONFields(object, file: path, code: .configurationValue)
    }

    /// Keys that neither the family nor transformers in general has: they are ignored, and said.
    public var unknownKeys: [String] {
        object.pairs.map(\.key).filter {
            !names.knownKeys.contains($0) && !NameMap.commonKeys.contains($0)
        }
    }

    private static func names(for fields: JSONFields) throws(SwiftletError) -> NameMap {
        guard let value = fields.object["model_type"] else {
            throw SwiftletError(
                .unknownFamily, "the configuration has no model_type",
                hint: "known families: \(NameMap.families.joined(separator: ", "))")
        }
        let type = try fields.read(value, "model_type", as: "a string", \.string)
        return try NameMap(modelType: type)
    }

    /// A size by its symbol.
    ///
    /// - Throws: ``SwiftletError/Code/defect`` for a symbol that the family does not have.
    public func dimension(_ symbol: String) throws(SwiftletError) -> Int {
        guard let size = dimensions[symbol] else {
            throw SwiftletError(.defect, file: path, "the family has no size \(symbol)")
        }
        return size
    }
}
