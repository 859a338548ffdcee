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
        guard let layers = try Self.names("layer_names", of: "/", in: file) else { return }
        let tensors = Dictionary(
            opened.tensors.map { (Array($0.name.utf8), $0) }, uniquingKeysWith: { a, _ in a })
        opened.tensors = []
        var familyTensors: [FamilyTensor] = []
        for layer in layers {
            if let tensor = tensors[Array(layer.utf8)] {
                opened.tensors.append(tensor)
                familyTensors.append(
                    KerasNames.familyTensor(tensor, layer: layer, name: layer))
                continue
            }
            for name in try Self.names("weight_names", of: layer, in: file) ?? [] {
                guard let tensor = tensors[Array("\(layer)/\(name)".utf8)] else {
                    throw SwiftletError(
                        .hdf5LibraryFailed, file: path,
                        "layer \"\(layer)\" has no weight \"\(name)\"")
                }
                opened.tensors.append(tensor)
                familyTensors.append(
                    KerasNames.familyTensor(tensor, layer: layer, name: name))
            }
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
