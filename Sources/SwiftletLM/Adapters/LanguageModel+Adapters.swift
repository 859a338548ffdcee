import SwiftletBytes
import SwiftletCompute

extension LanguageModel {
    /// Attaches an adapter in PEFT's layout, unmerged: the weights stay in the mapped file, and
    /// each adapted layer adds its low-rank product.
    ///
    /// - Parameter path: the adapter's folder.
    /// - Returns: a copy of the model that has the adapter.
    /// - Throws: no input (66), bad data (65) or unsupported (69), naming the file and the place.
    public func adapted(by path: String) throws(SwiftletError) -> LanguageModel {
        let contents = try AdapterFolder(path).contents(for: self)
        let weights = try decoder.weights.mapLinear { layer throws(SwiftletError) in
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
        return replacingWeights(by: weights)
    }
}
