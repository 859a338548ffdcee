import SwiftletBytes
import SwiftletHDF5Library

/// Who reads HDF5 files.
public enum HDF5Reading: Sendable {
    /// Swiftlet's own reader, which no file can crash.
    case own
    /// The C library, for files that the user trusts and that are beyond the own reader.
    case library
}

/// The weights of an HDF5 file that its user trusts, in the layouts of ``HDF5Weights``.
struct TrustedHDF5Weights {
    private(set) var opened: OpenWeights

    /// - Throws: the errors of `TrustedHDF5File`.
    init(path: String) throws(SwiftletError) {
        let file = try TrustedHDF5File(path: path)
        opened = OpenWeights(
            format: .hdf5, files: [path], metadata: [], tensors: try file.tensors())
        for key in ["backend", "keras_version", "format"] {
            if let value = try? file.texts(key)?.first { opened.metadata.append((key, value)) }
        }
        var group = ""
        var listed = try Self.names("layer_names", of: "/", in: file)
        if listed == nil, opened.tensors.contains(where: { $0.name.hasPrefix("model_weights/") }) {
            group = "model_weights/"
            listed = try Self.names("layer_names", of: "model_weights", in: file)
        }
        guard var layers = listed else { return }
        var tensors = Dictionary(
            opened.tensors.map { (Array($0.name.utf8), $0) }, uniquingKeysWith: { a, _ in a })
        let top = "top_level_model_weights"
        if !layers.contains(top),
            tensors.values.contains(where: { $0.name.hasPrefix("\(group)\(top)/") })
        {
            layers.append(top)
        }
        opened.tensors = []
        var familyTensors: [FamilyTensor] = []
        func take(_ place: String, layer: String, name: String) throws(SwiftletError) {
            guard let tensor = tensors.removeValue(forKey: Array(place.utf8)) else {
                throw SwiftletError(
                    .hdf5LibraryFailed, file: path,
                    "layer \"\(layer)\" has no weight \"\(name)\", or has it twice")
            }
            opened.tensors.append(tensor)
            familyTensors.append(KerasNames.familyTensor(tensor, layer: layer, name: name))
        }
        for layer in layers {
            if tensors[Array((group + layer).utf8)] != nil {
                try take(group + layer, layer: layer, name: layer)
                continue
            }
            guard let names = try Self.names("weight_names", of: group + layer, in: file) else {
                throw SwiftletError(
                    .hdf5LibraryFailed, file: path,
                    "layer \"\(layer)\" has no attribute weight_names")
            }
            for name in names {
                let parts = "\(layer)/\(name)".split(separator: "/")
                try take(group + parts.joined(separator: "/"), layer: layer, name: name)
            }
        }
        if !tensors.isEmpty {
            opened.notes.append(
                "no layer lists \(tensors.count) arrays, which are not read: "
                    + ShardIndex.listed(tensors.values.map(\.name).sorted()))
        }
        opened.familyTensors = familyTensors
    }

    /// A list of names, whole or in parts; nil if there is none.
    private static func names(
        _ name: String, of object: String, in file: TrustedHDF5File
    ) throws(SwiftletError) -> [String]? {
        if let whole = try file.texts(name, of: object) { return whole }
        var names: [String]?
        var part = 0
        while let more = try file.texts("\(name)\(part)", of: object) {
            names = (names ?? []) + more
            part += 1
        }
        return names
    }
}
