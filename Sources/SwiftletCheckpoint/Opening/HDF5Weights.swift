import SwiftletBytes
import SwiftletHDF5

/// The weights of an HDF5 file in any of its layouts: what Keras 2 and transformers write, the
/// numbered variables of Keras 3, arrays by name. Tensors are called by their paths in the file.
struct HDF5Weights {
    private(set) var opened: OpenWeights

    /// - Throws: the errors of `HDF5File`.
    init(path: String) throws(SwiftletError) {
        let file = try HDF5File(path: path)
        opened = OpenWeights(
            format: .hdf5, files: [path], metadata: try Self.metadata(of: file), tensors: [])
        if try file.kerasWeightsGroup != nil {
            try readKerasLayers(file)
        } else {
            for dataset in try file.datasets { opened.tensors.append(try dataset.tensor()) }
        }
    }

    private mutating func readKerasLayers(_ file: HDF5File) throws(SwiftletError) {
        var familyTensors: [FamilyTensor] = []
        var listed: Set<[UInt8]> = []
        for weight in try file.kerasWeights {
            let tensor = try weight.dataset.tensor()
            opened.tensors.append(tensor)
            familyTensors.append(
                KerasNames.familyTensor(tensor, layer: weight.layer, name: weight.name))
            listed.insert(Array(weight.dataset.path.utf8))
        }
        opened.familyTensors = familyTensors
        let others = try file.datasets.map(\.path)
            .filter { !listed.contains(Array($0.utf8)) }.map { String($0.dropFirst()) }
        if !others.isEmpty {
            opened.notes.append(
                "no layer lists \(others.count) arrays, which are not read: "
                    + ShardIndex.listed(others))
        }
    }

    /// The texts that the file says of itself.
    private static func metadata(
        of file: HDF5File
    ) throws(SwiftletError) -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        for attribute in try (file.kerasWeightsGroup ?? file.root).attributes {
            // What is no text is no such pair, and what cannot be read must not be.
            guard !attribute.name.hasPrefix("layer_names"),
                let text = try? attribute.value.string
            else { continue }
            pairs.append((attribute.name, text))
        }
        return pairs
    }
}
