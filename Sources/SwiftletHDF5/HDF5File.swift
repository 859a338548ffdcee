import SwiftletBytes

/// An HDF5 file: a tree of groups and datasets, which are read on access.
///
/// ```swift
/// let file = try HDF5File(path: "tf_model.h5")
/// for weight in try file.kerasWeights {
///     let tensor = try weight.dataset.tensor(named: weight.name)
///     print(weight.layer, tensor.name, tensor.shape)
/// }
/// ```
///
/// `formats/hdf5.md` lists what is supported and what is refused.
public struct HDF5File: Sendable {
    /// The path as given by the user.
    public let path: String
    /// The root group.
    public let root: HDF5Group

    private let space: AddressSpace

    /// Maps a file and checks its superblock and root group.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError`` with an `hdf5.…` code if the file is malformed or
    ///   unsupported, or an error of `MappedFile`.
    public init(path: String) throws(SwiftletError) {
        try self.init(view: try MappedFile(path: path).bytes, path: path)
    }

    /// Opens a file that is already in memory, and checks its superblock and root group.
    ///
    /// - Parameters:
    ///   - view: The whole file.
    ///   - path: The path reported in errors and by the tensors.
    /// - Throws: ``/SwiftletBytes/SwiftletError`` with an `hdf5.…` code if the file is malformed or
    ///   unsupported.
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

    /// All datasets in the file, depth first.
    ///
    /// No data are read.
    ///
    /// A dataset with several names is listed under each of them; a group with several names is
    /// entered only under the first.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5LinkRefused`` if a link is not a hard link.
    public var datasets: [HDF5Dataset] {
        get throws(SwiftletError) { try datasets(below: root) }
    }

    /// Returns all datasets below `group`; see ``datasets``.
    public func datasets(below group: HDF5Group) throws(SwiftletError) -> [HDF5Dataset] {
        var reader = MetadataReader(space)
        var found: [HDF5Dataset] = []
        var entered: Set<UInt64> = [group.address]
        // A stack, not recursion, because a file can nest groups as deeply as it is long.
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

    /// The dataset at a path from the root, or nil if there is no dataset.
    public subscript(path: String) -> HDF5Dataset? {
        get throws(SwiftletError) { try root.dataset(path) }
    }
}
