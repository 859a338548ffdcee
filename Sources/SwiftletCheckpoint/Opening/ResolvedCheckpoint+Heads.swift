import SwiftletBytes

extension SwiftletError.Code {
    /// A family has no model class with the head that is asked for.
    public static let noSuchHead = Self("model.noSuchHead", .unsupported)
}

extension ResolvedCheckpoint {
    /// Puts a classification head of zeros in place of the model's own head, as the family's class
    /// `…ForSequenceClassification` has it.
    ///
    /// - Parameter labels: the names of the classes, at least one.
    /// - Returns: the same body with the new head.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noSuchHead`` for a family without such a class.
    package func withClassificationHead(labels: [String]) throws(SwiftletError)
        -> ResolvedCheckpoint
    {
        let names = configuration.names
        guard let architecture = names.architectures.first(where: { $0.head == .classes }) else {
            throw SwiftletError(
                .noSuchHead, file: path, "the family \(names.family) has no classification head")
        }
        let changed = try ModelConfiguration(
            object: Self.classifier(configuration.object, architecture.name, labels),
            path: configuration.path)
        var body = modelTensors.filter { $0.row.head == nil }.map { item in
            let name = names.checkpointName(
                item.row, layer: item.layer, prefix: architecture.prefix)
            return ModelTensor(
                canonical: item.canonical, tensor: item.tensor.renamed(name), row: item.row,
                layer: item.layer)
        }
        let dtype = body.first?.tensor.dtype ?? .f32
        for item in changed.expected(storing: .classes) where item.row.head == .classes {
            let name = names.checkpointName(item.row, layer: 0, prefix: architecture.prefix)
            let count = item.shape.reduce(1, *) * (dtype.byteCount ?? 4)
            body.append(
                ModelTensor(
                    canonical: names.canonicalName(item.row, layer: 0),
                    tensor: StoredTensor(
                        name: name, dtype: dtype, shape: item.shape,
                        bytes: ByteView([UInt8](repeating: 0, count: count)), file: path),
                    row: item.row, layer: 0))
        }
        return ResolvedCheckpoint(
            configuration: changed, modelTensors: body,
            tensors: Dictionary(uniqueKeysWithValues: body.map { ($0.canonical, $0.tensor) }),
            missing: missing, unexpected: unexpected, misshapen: misshapen, ignored: ignored,
            tiedDuplicate: tiedDuplicate, tiesHead: false, notes: notes, path: path,
            wrapped: wrapped)
    }

    /// A configuration with another class and labels.
    private static func classifier(
        _ object: JSONObject, _ architecture: String, _ labels: [String]
    ) -> JSONObject {
        var (object, names, numbers) = (object, JSONObject(), JSONObject())
        for (index, label) in labels.enumerated() {
            names.append(String(index), .string(label))
            numbers[label] = JSONValue(index)
        }
        object["architectures"] = .array([.string(architecture)])
        object["id2label"] = .object(names)
        object["label2id"] = .object(numbers)
        object["problem_type"] = .string("single_label_classification")
        if object["num_labels"] != nil { object["num_labels"] = JSONValue(labels.count) }
        return object
    }
}
