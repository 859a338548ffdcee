import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

extension LanguageModel {
    /// Attaches an adapter in PEFT's layout, unmerged: the weights stay in the mapped file, and
    /// each adapted layer adds its low-rank product.
    ///
    /// An adapter that was trained with a new classification head brings it along
    /// (``withHead(of:)``).
    ///
    /// - Parameter path: the adapter's folder.
    /// - Returns: a copy of the model that has the adapter.
    /// - Throws: no input (66), bad data (65) or unsupported (69), naming the file and the place.
    public func adapted(by path: String) throws(SwiftletError) -> LanguageModel {
        let adapter = try AdapterFolder(path)
        let model = try withHead(of: adapter)
        let contents = try adapter.contents(for: model)
        let weights = try model.decoder.weights.mapLinear { layer throws(SwiftletError) in
            if let tensor = contents.replacements[layer.name] {
                return LinearLayer(
                    name: layer.name,
                    weight: try Weight(
                        bytes: tensor.bytes, dtype: tensor.dtype, outSize: layer.weight.outSize,
                        inSize: layer.weight.inSize,
                        order: layer.name == "head" ? .outIn : layer.weight.order),
                    bias: layer.bias)
            }
            if let adapter = contents.adapters[layer.name] { return layer.adapted(by: adapter) }
            return layer
        }
        return model.replacingWeights(by: weights)
    }

    /// Gives the model the classification head that an adapter was trained with, of zeros, if the
    /// model has none and the adapter has.
    ///
    /// The labels are those of `config.json` in the adapter's folder, as Swiftlet writes it, or else
    /// `LABEL_0` and so on, as transformers names them.
    ///
    /// - Parameter adapter: the adapter, whose values are not put in place.
    /// - Returns: a copy of the model with the head, or the model itself.
    /// - Throws: bad data (65) for a head whose shape does not fit, or other than the labels.
    public func withHead(of adapter: AdapterFolder) throws(SwiftletError) -> LanguageModel {
        guard let tensor = adapter.freshHead(for: self) else { return self }
        let width = decoder.description.embeddingSize
        guard tensor.shape.count == 2, tensor.shape[0] > 0, tensor.shape[1] == width else {
            throw SwiftletError(
                .adapterTensor, file: tensor.file,
                "has the shape \(tensor.shape), not [classes, \(width)]",
                at: "tensor \"\(tensor.name)\"")
        }
        var labels = (0..<tensor.shape[0]).map { "LABEL_\($0)" }
        if let named = try adapter.labels() {
            guard named.count == labels.count else {
                throw SwiftletError(
                    .adapterTensor, file: tensor.file,
                    "has \(labels.count) classes, and the configuration \(named.count) labels",
                    at: "tensor \"\(tensor.name)\"")
            }
            labels = (0..<named.count).map { named[$0] }
        }
        return try withClassificationHead(labels: labels)
    }
}
