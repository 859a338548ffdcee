import SwiftletBytes

// Keras 2 and transformers: layers by name, and the names of their weights, in attributes
// (keras `legacy_h5_format.py`, transformers `modeling_tf_utils.py`).
extension HDF5File {
    /// The group that has `layer_names`: the root, or `model_weights` in a file of a whole model;
    /// nil if neither has.
    public var kerasWeightsGroup: HDF5Group? {
        get throws(SwiftletError) {
            if try Self.names("layer_names", of: root) != nil { return root }
            guard let group = try root.group("model_weights") else { return nil }
            return try Self.names("layer_names", of: group) == nil ? nil : group
        }
    }

    /// The version of Keras that wrote the file, where it says so.
    public var kerasVersion: String? {
        get throws(SwiftletError) {
            try kerasWeightsGroup?.attribute("keras_version")?.string
        }
    }

    /// The weights in the order of `layer_names` and of each layer's `weight_names`; no data are
    /// read.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5Keras`` if there is no list of layers, or it names what
    ///   is not there.
    public var kerasWeights: [KerasWeight] {
        get throws(SwiftletError) {
            guard let group = try kerasWeightsGroup,
                let layers = try Self.names("layer_names", of: group)
            else {
                throw SwiftletError(
                    .hdf5Keras, file: path, "no attribute layer_names: not saved by Keras 2")
            }
            var finder = PathFinder(group.space)
            var weights: [KerasWeight] = []
            do throws(SwiftletError) {
                try Self.refuseRepeats(layers, "layer_names")
                for layer in layers {
                    switch try finder.object(layer, from: group) {
                    case .group(let inner):
                        weights += try Self.weights(of: layer, in: inner, &finder)
                    // A shard of transformers lists its weights themselves.
                    case .dataset(let dataset):
                        weights.append(KerasWeight(layer: layer, name: layer, dataset: dataset))
                    default:
                        throw SwiftletError(.hdf5Keras, "no group of layer \"\(layer)\"")
                    }
                }
                // Weights of the model itself, in files of Keras 2.6 and later.
                let top = "top_level_model_weights"
                if !layers.contains(top),
                    case .group(let inner) = try finder.object(top, from: group)
                {
                    weights += try Self.weights(of: top, in: inner, &finder)
                }
            } catch {
                throw error.inFile(path)
            }
            return weights
        }
    }

    private static func weights(
        of layer: String, in group: HDF5Group, _ finder: inout PathFinder
    ) throws(SwiftletError) -> [KerasWeight] {
        guard let names = try names("weight_names", of: group) else {
            throw SwiftletError(.hdf5Keras, "layer \"\(layer)\" has no attribute weight_names")
        }
        try refuseRepeats(names, "weight_names of layer \"\(layer)\"")
        var weights: [KerasWeight] = []
        for name in names {
            guard case .dataset(let dataset) = try finder.object(name, from: group) else {
                throw SwiftletError(
                    .hdf5Keras, "layer \"\(layer)\" has no weight \"\(name)\"")
            }
            weights.append(KerasWeight(layer: layer, name: name, dataset: dataset))
        }
        return weights
    }

    private static func refuseRepeats(
        _ names: [String], _ list: String
    ) throws(SwiftletError) {
        var seen: Set<[UInt8]> = []
        for name in names where !seen.insert(Array(name.utf8)).inserted {
            throw SwiftletError(.hdf5Keras, "\(list) has \"\(name)\" twice")
        }
    }

    /// A list of names, whole or in parts `name0`, `name1`, … as Keras cuts what is over 64,512
    /// bytes; nil if there is none.
    static func names(
        _ name: String, of group: HDF5Group
    ) throws(SwiftletError) -> [String]? {
        var attributes: [[UInt8]: HDF5Attribute] = [:]
        for attribute in try group.attributes {
            attributes[Array(attribute.name.utf8)] = attribute
        }
        func list(_ key: String) throws(SwiftletError) -> [String]? {
            guard let attribute = attributes[Array(key.utf8)] else { return nil }
            guard let names = try attribute.value.strings else {
                throw SwiftletError(
                    .hdf5Keras, file: group.space.path, "\(key) is no list of names",
                    at: "\"\(group.path)\"")
            }
            return names
        }
        if let whole = try list(name) { return whole }
        var names: [String]?
        var part = 0
        while let more = try list("\(name)\(part)") {
            names = (names ?? []) + more
            part += 1
        }
        return names
    }
}
