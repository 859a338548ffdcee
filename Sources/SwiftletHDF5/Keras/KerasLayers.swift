import SwiftletBytes

/// A reader of HDF5 files in which the layers of Keras 2 can be looked up: Swiftlet's own, or the C
/// library for trusted files.
package protocol KerasLayerSource {
    /// A group of the file.
    associatedtype Group
    /// A dataset of the file.
    associatedtype Dataset

    /// The root group.
    var root: Group { get }

    /// Returns the object at a path relative to a group, or nil if there is none.
    mutating func object(
        _ path: String, in group: Group
    ) throws(SwiftletError) -> KerasLayerObject<Group, Dataset>?

    /// Returns a function that reads a list of strings from an attribute of a group, or returns nil
    /// if there is no such attribute.
    func lists(
        of group: Group
    ) throws(SwiftletError) -> (_ attribute: String) throws(SwiftletError) -> [String]?
}

/// An object in which weights can be stored.
package enum KerasLayerObject<Group, Dataset> {
    case group(Group)
    case dataset(Dataset)
}

/// The layers of a file written by Keras 2 or transformers, with the names of their weights
/// (keras `legacy_h5_format.py`, transformers `modeling_tf_utils.py`).
package struct KerasLayers<Source: KerasLayerSource> {
    /// A weight, with its name in the `weight_names` of its layer.
    package typealias Weight = (layer: String, name: String, dataset: Source.Dataset)

    /// The group with `layer_names`: the root, or `model_weights` in a file of a whole model.
    package let group: Source.Group

    private var source: Source
    private let layers: [String]

    /// Reads the list of layers; fails if the file has none.
    ///
    /// - Parameter source: The reader of the file.
    /// - Throws: The errors of `source`.
    package init?(_ source: Source) throws(SwiftletError) {
        var source = source
        var group = source.root
        var layers = try Self.names("layer_names", of: group, in: source)
        if layers == nil, case .group(let inner) = try source.object("model_weights", in: group) {
            group = inner
            layers = try Self.names("layer_names", of: group, in: source)
        }
        guard let layers else { return nil }
        (self.source, self.group, self.layers) = (source, group, layers)
    }

    /// Returns the weights in the order of `layer_names` and of the `weight_names` of each layer.
    ///
    /// - Returns: The weights; no data are read.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Keras`` if a list has duplicates, or names
    ///   objects that do
    ///   not exist.
    package mutating func weights() throws(SwiftletError) -> [Weight] {
        try Self.checkDuplicates(layers, "layer_names")
        var weights: [Weight] = []
        for layer in layers {
            switch try source.object(layer, in: group) {
            case .group(let inner): weights += try self.weights(of: layer, in: inner)
            // In the shards of transformers, `layer_names` lists the weights themselves.
            case .dataset(let dataset): weights.append((layer, layer, dataset))
            case nil:
                throw SwiftletError(.hdf5Keras, "layer \"\(layer)\" has no group")
            }
        }
        // The weights of the model itself, in files of Keras 2.6 and later.
        let top = "top_level_model_weights"
        if !layers.contains(top), case .group(let inner) = try source.object(top, in: group) {
            weights += try self.weights(of: top, in: inner)
        }
        return weights
    }

    private mutating func weights(
        of layer: String, in group: Source.Group
    ) throws(SwiftletError) -> [Weight] {
        guard let names = try Self.names("weight_names", of: group, in: source) else {
            throw SwiftletError(.hdf5Keras, "layer \"\(layer)\" has no attribute weight_names")
        }
        try Self.checkDuplicates(names, "weight_names of layer \"\(layer)\"")
        var weights: [Weight] = []
        for name in names {
            guard case .dataset(let dataset) = try source.object(name, in: group) else {
                throw SwiftletError(.hdf5Keras, "layer \"\(layer)\" has no weight \"\(name)\"")
            }
            weights.append((layer, name, dataset))
        }
        return weights
    }

    private static func checkDuplicates(
        _ names: [String], _ list: String
    ) throws(SwiftletError) {
        var seen: Set<[UInt8]> = []
        for name in names where !seen.insert(Array(name.utf8)).inserted {
            throw SwiftletError(.hdf5Keras, "\(list) has the duplicate entry \"\(name)\"")
        }
    }

    /// Returns a list of names, or nil if there is none. Keras splits lists of more than 64,512
    /// bytes into the attributes `name0`, `name1`, …
    private static func names(
        _ name: String, of group: Source.Group, in source: Source
    ) throws(SwiftletError) -> [String]? {
        let list = try source.lists(of: group)
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
