import SwiftletBytes
import SwiftletHDF5

/// The weights of an HDF5 file in one of the known layouts: that of Keras 2 and transformers, the
/// numbered variables of Keras 3, or arrays by name.
///
/// The tensors' names are their paths in the file.
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
            try readArrays(file)
        }
    }

    /// Reads all datasets, except those that hold no numbers, such as a vocabulary beside matrices.
    private mutating func readArrays(_ file: HDF5File) throws(SwiftletError) {
        var others: [String] = []
        for dataset in try file.datasets {
            do throws(SwiftletError) {
                opened.tensors.append(try dataset.tensor())
            } catch {
                guard error.code == .hdf5NotNumbers else { throw error }
                others.append(dataset.path)
            }
        }
        opened.noteNotNumbers(others)
    }

    private mutating func readKerasLayers(_ file: HDF5File) throws(SwiftletError) {
        for weight in try file.kerasWeights {
            opened.append(
                try weight.dataset.tensor(), kerasLayer: weight.layer, name: weight.name)
        }
        opened.noteUnlisted(try file.datasets.map { String($0.path.dropFirst()) })
    }

    /// The string attributes of the file.
    private static func metadata(
        of file: HDF5File
    ) throws(SwiftletError) -> [(key: String, value: String)] {
        var pairs: [(key: String, value: String)] = []
        for attribute in try (file.kerasWeightsGroup ?? file.root).attributes {
            // Attributes of other types, and those that cannot be read, are not metadata.
            guard !attribute.name.hasPrefix("layer_names"),
                let text = try? attribute.value.string
            else { continue }
            pairs.append((attribute.name, text))
        }
        return pairs
    }
}

extension OpenWeights {
    /// Appends a weight that a layer of Keras lists.
    mutating func append(_ tensor: StoredTensor, kerasLayer layer: String, name: String) {
        tensors.append(tensor)
        if familyTensors == nil { familyTensors = [] }
        familyTensors?.append(KerasNames.familyTensor(tensor, layer: layer, name: name))
    }

    /// Notes the datasets of a file that hold no numbers.
    mutating func noteNotNumbers(_ paths: [String]) {
        guard !paths.isEmpty else { return }
        let what = paths.count == 1 ? "1 dataset holds" : "\(paths.count) datasets hold"
        let verb = paths.count == 1 ? "is" : "are"
        notes.append("\(what) no numbers and \(verb) not read: \(ShardIndex.listed(paths))")
    }

    /// Notes the arrays of a file that no layer lists.
    mutating func noteUnlisted(_ arrays: [String]) {
        let listed = Set(tensors.map { Array($0.name.utf8) })
        let others = arrays.filter { !listed.contains(Array($0.utf8)) }
        guard !others.isEmpty else { return }
        notes.append(
            "no layer lists \(others.count) arrays, which are not read: "
                + ShardIndex.listed(others))
    }
}
