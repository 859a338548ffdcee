import SwiftletBytes

// The weights of Keras 2 and transformers, which are listed by name in attributes.
extension HDF5File {
    /// The group with the attribute `layer_names`: the root, or `model_weights` in a file of a
    /// whole model; nil if neither has it.
    public var kerasWeightsGroup: HDF5Group? {
        get throws(SwiftletError) { try kerasLayers?.group }
    }

    /// The version of Keras that wrote the file, if it is given.
    public var kerasVersion: String? {
        get throws(SwiftletError) {
            try kerasWeightsGroup?.attribute("keras_version")?.string
        }
    }

    /// The weights in the order of `layer_names` and of the `weight_names` of each layer.
    ///
    /// No data are read.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Keras`` if there is no list of layers, or
    ///   it names objects that do not exist.
    public var kerasWeights: [KerasWeight] {
        get throws(SwiftletError) {
            guard var layers = try kerasLayers else {
                throw SwiftletError(
                    .hdf5Keras, file: path,
                    "not a weights file of Keras 2: missing attribute layer_names")
            }
            do throws(SwiftletError) {
                return try layers.weights().map {
                    KerasWeight(layer: $0.layer, name: $0.name, dataset: $0.dataset)
                }
            } catch {
                throw error.inFile(path)
            }
        }
    }

    private var kerasLayers: KerasLayers<LayerSource>? {
        get throws(SwiftletError) {
            do throws(SwiftletError) {
                return try KerasLayers(LayerSource(root))
            } catch {
                throw error.inFile(path)
            }
        }
    }
}

/// Looks up layers with Swiftlet's own reader.
private struct LayerSource: KerasLayerSource {
    let root: HDF5Group
    private var finder: PathFinder

    init(_ root: HDF5Group) {
        self.root = root
        finder = PathFinder(root.space)
    }

    mutating func object(
        _ path: String, in group: HDF5Group
    ) throws(SwiftletError) -> KerasLayerObject<HDF5Group, HDF5Dataset>? {
        switch try finder.object(path, from: group) {
        case .group(let group): .group(group)
        case .dataset(let dataset): .dataset(dataset)
        case .datatype, nil: nil
        }
    }

    func lists(
        of group: HDF5Group
    ) throws(SwiftletError) -> (_ attribute: String) throws(SwiftletError) -> [String]? {
        var attributes: [[UInt8]: HDF5Attribute] = [:]
        for attribute in try group.attributes {
            attributes[Array(attribute.name.utf8)] = attribute
        }
        return { [attributes] (name) throws(SwiftletError) in
            guard let attribute = attributes[Array(name.utf8)] else { return nil }
            guard let names = try attribute.value.strings else {
                throw SwiftletError(
                    .hdf5Keras, file: group.space.path, "\(name) is not a list of strings",
                    at: "\"\(group.path)\"")
            }
            return names
        }
    }
}
