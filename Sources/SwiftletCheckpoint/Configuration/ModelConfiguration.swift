import SwiftletBytes

/// A model's `config.json`: its family and its sizes, checked.
public struct ModelConfiguration: Sendable {
    /// The path of the file.
    public let path: String
    /// The family, such as `gpt2`.
    public let family: String
    /// The whole file, with its keys in order.
    public let object: JSONObject
    /// The sizes by symbol: `vocabularySize`, `hiddenSize`, `layerCount`, `headCount`, `headSize`,
    /// `feedForwardSize`, `contextLength`, and with a classification head `labelCount`.
    ///
    /// All are positive.
    public let dimensions: [String: Int]
    /// The flags that decide which tensors there are, such as `hasAttentionBiases` or
    /// `normsBefore`; the family's name map lists them.
    public let flags: [String: Bool]
    /// Whether the head shares the weight of the token embedding.
    public let tiesHead: Bool
    /// The first of `architectures`.
    public let architecture: String?
    /// The head of the model's class; nil for a class without one.
    public let head: NameMap.Head?
    /// The labels of the classification head; nil for other heads.
    public let labels: ClassLabels?
    /// The family's name map.
    public let names: NameMap
    /// The standard deviation of fresh weights.
    public let initializerRange: Double
    /// The row of the token embedding that belongs to padding and starts as zeros; nil if there is
    /// none.
    public let paddingRow: Int?
    /// The number of parameters, with a tied head counted once.
    public let parameterCount: Int

    /// The tensors of the model's class, a tied head included.
    private let expected: [NameMap.Expected]

    /// Reads a configuration.
    ///
    /// - Parameter path: a `config.json`, the folder that contains it, or a GGUF file.
    /// - Throws: the errors of `GGUFFile`; `noSuchFile` if the file does not exist, `json` if it is not JSON, and the errors
    ///   of ``init(object:path:)``.
    public init(path: String) throws(SwiftletError) {
        if GGUFModel.isFile(path) {
            self = try GGUFModel(path: path).configuration
            return
        }
        let file = FileSystem.isFolder(path) ? FileSystem.join(path, "config.json") : path
        guard FileSystem.somethingIs(at: file) else {
            throw SwiftletError(.noSuchFile, file: file, "no such file")
        }
        guard let object = try JSONValue.read(path: file).object else {
            throw SwiftletError(.configurationForm, file: file, "is not a JSON object")
        }
        try self.init(object: object, path: file)
    }

    /// Checks a configuration that has already been read.
    ///
    /// - Parameters:
    ///   - object: the whole configuration.
    ///   - path: the path to name in errors.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unknownFamily``,
    ///   ``SwiftletBytes/SwiftletError/Code/unsupportedKey`` or
    ///   ``SwiftletBytes/SwiftletError/Code/configurationValue``, naming the key.
    public init(object: JSONObject, path: String) throws(SwiftletError) {
        self.path = path
        self.object = object
        let fields = JSONFields(object, file: path, code: .configurationValue)
        names = try Self.names(for: fields)
        for refusal in names.refused where refusal.applies(to: object) {
            let value = refusal.isRefused ? " \(refusal.value.excerpt)" : ""
            throw fields.failure(
                refusal.key, "\(refusal.key)\(value) is not supported", .unsupportedKey)
        }
        family = names.family
        architecture = object["architectures"]?.array?.first?.string
        let head = names.architecture(architecture).head
        self.head = head
        labels = head == .classes ? try fields.labels() : nil
        var dimensions = try fields.dimensions(names.dimensions)
        dimensions["labelCount"] = labels?.count
        self.dimensions = dimensions
        flags = try fields.flags(names.flags)
        paddingRow = fields.paddingRow(names.padding, rows: dimensions["vocabularySize"] ?? 0)
        tiesHead = try fields.bool(names.tiedHead.key, default: names.tiedHead.isDefault)
        initializerRange = try fields.deviation(names.initializerRange)
        let storedHead = head == .language && tiesHead ? nil : head
        guard let expected = names.expected(dimensions, flags, head: head),
            let count = Self.elementCount(expected.filter { $0.isStored(head: storedHead) })
        else {
            throw SwiftletError(
                .configurationValue, file: path, "the model is too large: its size overflows")
        }
        self.expected = expected
        parameterCount = count
    }

    /// The number of elements of some tensors; nil if their number of bits does not fit `Int`.
    private static func elementCount(_ tensors: [NameMap.Expected]) -> Int? {
        var total = 0
        for tensor in tensors {
            guard let count = StoredTensor.elementCount(of: tensor.shape) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(count)
            if overflow || sum > Int.max / 64 { return nil }
            total = sum
        }
        return total
    }

    /// The head that has a weight of its own; nil for one that is tied to the embedding.
    var storedHead: NameMap.Head? { head == .language && tiesHead ? nil : head }

    /// Lists the model's tensors.
    ///
    /// - Parameter head: the head that is among them: the class's, or nil.
    /// - Returns: the tensors in the order of the name map, layer by layer.
    func expected(storing head: NameMap.Head?) -> [NameMap.Expected] {
        expected.filter { $0.isStored(head: head) }
    }

    /// The keys, for typed access.
    package var fields: JSONFields {
        JSONFields(object, file: path, code: .configurationValue)
    }

    /// The keys that neither the family nor transformers in general has.
    ///
    /// They are ignored, and reported.
    public var unknownKeys: [String] {
        object.pairs.map(\.key).filter {
            !names.knownKeys.contains($0) && !NameMap.commonKeys.contains($0)
        }
    }

    private static func names(for fields: JSONFields) throws(SwiftletError) -> NameMap {
        guard let value = fields.object["model_type"] else {
            throw SwiftletError(
                .unknownFamily, file: fields.file, "has no model_type",
                hint: "known families: \(NameMap.families.joined(separator: ", "))")
        }
        let type = try fields.read(value, "model_type", as: "a string", \.string)
        do throws(SwiftletError) {
            return try NameMap(modelType: type)
        } catch {
            throw fields.file.map(error.inFile) ?? error
        }
    }

    /// Returns a size by its symbol.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/defect`` for a symbol that the family does not
    ///   have.
    public func dimension(_ symbol: String) throws(SwiftletError) -> Int {
        guard let size = dimensions[symbol] else {
            throw SwiftletError(.defect, file: path, "the family has no size \(symbol)")
        }
        return size
    }
}
