import SwiftletBytes

/// An HDF5 file: groups of named datasets, of which nothing is read before it is asked for.
///
/// ```swift
/// let file = try HDF5File(path: "tf_model.h5")
/// for weight in try file.kerasWeights {
///     let tensor = try weight.dataset.tensor(named: weight.name)
///     print(weight.layer, tensor.name, tensor.shape)
/// }
/// ```
///
/// What is read, and what is refused, is in `formats/hdf5.md`.
public struct HDF5File: Sendable {
    /// The path, as the user named it.
    public let path: String
    /// The group that holds all others.
    public let root: HDF5Group

    private let space: AddressSpace

    /// Opens a file and checks its superblock and its root.
    ///
    /// - Throws: ``SwiftletError`` with a code of `hdf5.…`, and those of `MappedFile`.
    public init(path: String) throws(SwiftletError) {
        try self.init(view: try MappedFile(path: path).bytes, path: path)
    }

    /// Opens a file whose bytes are at hand.
    ///
    /// - Parameters:
    ///   - view: the whole file.
    ///   - path: named in errors and in the tensors.
    public init(view: ByteView, path: String = "memory") throws(SwiftletError) {
        self.path = path
        do throws(SwiftletError) {
            let superblock = try Superblock(view, path: path)
            space = superblock.space
            root = try HDF5Group(at: superblock.root, path: "/", in: superblock.space)
        } catch {
            throw error.inFile(path)
        }
    }

    /// Every dataset below the root, depth first, each under each of its names; no data are read.
    /// A group that has several names is entered under the first.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5LinkRefused`` if a link leads out of the file.
    public var datasets: [HDF5Dataset] {
        get throws(SwiftletError) { try datasets(below: root) }
    }

    /// Every dataset below `group`, as ``datasets``.
    public func datasets(below group: HDF5Group) throws(SwiftletError) -> [HDF5Dataset] {
        var reader = MetadataReader(space)
        var found: [HDF5Dataset] = []
        var entered: Set<UInt64> = [group.address]
        // A stack rather than recursion: a file may nest as deep as it is long.
        var pending: [HDF5Object] = [.group(group)]
        do throws(SwiftletError) {
            while let object = pending.popLast() {
                switch object {
                case .dataset(let dataset): found.append(dataset)
                case .datatype: break
                case .group(let group):
                    var inside: [HDF5Object] = []
                    for object in try group.objects(&reader) {
                        if case .group(let inner) = object,
                            !entered.insert(inner.address).inserted
                        {
                            continue
                        }
                        inside.append(object)
                    }
                    pending += inside.reversed()
                }
            }
        } catch {
            throw error.inFile(path)
        }
        return found
    }

    /// The dataset at a path from the root; nil if there is none.
    public subscript(path: String) -> HDF5Dataset? {
        get throws(SwiftletError) { try root.dataset(path) }
    }
}
