import SwiftletBytes
import SwiftletHDF5
import SwiftletHDF5Library

/// The reader of HDF5 files.
public enum HDF5Reading: Sendable {
    /// Swiftlet's own reader, which is safe for untrusted files.
    case own
    /// The C library, for trusted files that Swiftlet's own reader does not support.
    case library
}

/// The weights of a trusted HDF5 file, in the layouts of ``HDF5Weights``.
struct TrustedHDF5Weights {
    private(set) var opened: OpenWeights

    /// - Throws: the errors of `TrustedHDF5File`.
    init(path: String) throws(SwiftletError) {
        let file = try TrustedHDF5File(path: path)
        let contents = try file.contents()
        opened = OpenWeights(
            format: .hdf5, files: [path], metadata: [], tensors: contents.tensors)
        opened.noteNotNumbers(contents.others.map { "/\($0)" })
        for key in ["backend", "keras_version", "format"] {
            if let value = try? file.texts(key)?.first { opened.metadata.append((key, value)) }
        }
        do throws(SwiftletError) {
            let arrays = opened.tensors
            guard var layers = try KerasLayers(LayerSource(file, arrays)) else { return }
            opened.tensors = []
            for weight in try layers.weights() {
                opened.append(weight.dataset, kerasLayer: weight.layer, name: weight.name)
            }
            opened.noteUnlisted(arrays.map(\.name).sorted())
        } catch {
            throw error.inFile(path)
        }
    }
}

/// Looks up layers with the C library.
///
/// Groups are paths from the root, which itself is empty.
private struct LayerSource: KerasLayerSource {
    let root = ""
    private let file: TrustedHDF5File
    private let arrays: [[UInt8]: StoredTensor]
    /// The paths of all groups that contain arrays.
    private let groups: Set<[UInt8]>

    init(_ file: TrustedHDF5File, _ arrays: [StoredTensor]) {
        self.file = file
        self.arrays = Dictionary(
            arrays.map { (Array($0.name.utf8), $0) }, uniquingKeysWith: { first, _ in first })
        let slash = UInt8(ascii: "/")
        var groups: Set<[UInt8]> = [[]]
        for path in self.arrays.keys {
            var group = path[...]
            while let end = group.lastIndex(of: slash) {
                group = group[..<end]
                guard groups.insert(Array(group)).inserted else { break }
            }
        }
        self.groups = groups
    }

    func object(
        _ path: String, in group: String
    ) throws(SwiftletError) -> KerasLayerObject<String, StoredTensor>? {
        let path = "\(group)/\(path)".split(separator: "/").filter { $0 != "." }
            .joined(separator: "/")
        let key = Array(path.utf8)
        if let array = arrays[key] { return .dataset(array) }
        if groups.contains(key) { return .group(path) }
        // A group without arrays is found by its attribute, which even an empty layer has.
        return (try? file.texts("weight_names", of: path)) == nil ? nil : .group(path)
    }

    func lists(
        of group: String
    ) throws(SwiftletError) -> (_ attribute: String) throws(SwiftletError) -> [String]? {
        { [file] (name) throws(SwiftletError) in
            try file.texts(name, of: group.isEmpty ? "/" : group)
        }
    }
}
