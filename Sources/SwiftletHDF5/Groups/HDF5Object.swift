import SwiftletBytes

/// An object of an HDF5 file.
public enum HDF5Object: Sendable {
    /// A group.
    case group(HDF5Group)
    /// A dataset.
    case dataset(HDF5Dataset)
    /// A named datatype, which has no data.
    case datatype(path: String)

    init(
        at address: UInt64, path: String, _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        do throws(SwiftletError) {
            let header = try ObjectHeader(at: address, &reader)
            if GroupLinks.isGroup(header) {
                self = .group(HDF5Group(known: address, path: path, in: reader.space))
            } else if header.first(.layout) != nil || header.first(.dataspace) != nil {
                self = .dataset(try HDF5Dataset(header, path: path, &reader))
            } else if header.first(.datatype) != nil {
                self = .datatype(path: path)
            } else {
                throw SwiftletError(
                    .hdf5ObjectHeader, "the object is neither a group nor a dataset",
                    at: reader.space.place(address))
            }
        } catch {
            throw error.at("\"\(path)\"")
        }
    }
}

extension HDF5Group {
    /// Creates a group whose header has already been checked.
    init(known address: UInt64, path: String, in space: AddressSpace) {
        (self.address, self.path, self.space) = (address, path, space)
    }
}
