import SwiftletBytes

// llama.cpp's qwen3 has biases of query, key and value where a file has them, but none of attention's
// output. transformers' has all four, or none.

extension GGUFFamily {
    /// The row of a bias that llama.cpp does not have where the family's class has it, and the row of the
    /// weight beside it; nil for a family without one.
    static func absentBias(_ family: String) -> (bias: String, weight: String)? {
        guard family == "qwen3" else { return nil }
        let name = "layers.{i}.attention.output"
        return ("\(name).bias", "\(name).weight")
    }
}

extension GGUFModel {
    /// The biases that a file leaves out although the configuration has them: zeros.
    func absentBiases(of stored: [StoredTensor]) -> [FamilyTensor] {
        let names = configuration.names
        guard let (bias, weight) = GGUFFamily.absentBias(configuration.family),
            let row = names.row(bias),
            row.conditions.allSatisfy({ $0.holds(configuration.dimensions, configuration.flags) })
        else { return [] }
        let taken = Set(stored.map(\.name))
        let prefix = names.architecture(configuration.architecture).prefix
        return stored.compactMap { tensor in
            guard let (other, layer) = names.ggufMatch(tensor.name), other.name == weight,
                let name = names.ggufName(row, layer: layer), !taken.contains(name),
                let count = tensor.shape.first, tensor.elementCount > 0
            else { return nil }
            let zeros = StoredTensor(name: name, dtype: .f32, shape: [count], file: tensor.file) {
                ByteView([UInt8](repeating: 0, count: 4 * count))
            }
            return FamilyTensor(
                name: names.checkpointName(row, layer: layer, prefix: prefix), tensor: zeros)
        }
    }
}

extension ConversionPlan {
    /// The biases that llama.cpp does not have, by the names of their tensors, if they are zeros and a file
    /// can leave them out; else none, and a note says what follows.
    func absentBiases(_ notes: inout [String]) throws(SwiftletError) -> Set<String> {
        guard let names = family?.names, let (bias, _) = GGUFFamily.absentBias(names.family),
            let row = names.row(bias), let name = row.ggufName
        else { return [] }
        let tensors = items.filter { $0.place?.row.name == bias }.map(\.tensor)
        for tensor in tensors where try tensor.bytes.copy().contains(where: { $0 != 0 }) {
            notes.append(
                "\(name) is written for Swiftlet's sake: llama.cpp's \(names.ggufArchitecture ?? "") "
                    + "has no such tensor and refuses the file")
            return []
        }
        return Set(tensors.map(\.name))
    }
}
