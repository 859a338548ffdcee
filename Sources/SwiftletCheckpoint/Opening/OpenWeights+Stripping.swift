import SwiftletBytes

extension OpenWeights {
    /// Takes off the tensors' names what a wrapper of the model added, and leaves out the tensors
    /// outside the model.
    ///
    /// - Returns: sentences for the user about what was done.
    mutating func strip(_ wrapped: WrappedNames) -> [String] {
        var left: [FamilyTensor] = []
        var others: [String] = []
        for item in inFamily {
            guard let name = wrapped.stripped(item.name) else {
                others.append(item.name)
                continue
            }
            left.append(FamilyTensor(name: name, tensor: item.tensor.renamed(name)))
        }
        tensors = left.map(\.tensor)
        familyTensors = familyTensors == nil ? nil : left
        var notes = ["stripped from the names of \(left.count) tensors: \(wrapped.what)"]
        if !others.isEmpty {
            notes.append(
                "not read, as outside the model: \(ShardIndex.listed(others))")
        }
        return notes
    }
}
