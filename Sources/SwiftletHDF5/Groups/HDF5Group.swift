import SwiftletBytes

/// A group: named links to groups and datasets, and attributes.
///
/// A group keeps only its address. Each access reads the file again, so store a result that is
/// needed repeatedly.
public struct HDF5Group: Sendable {
    /// The path from the root; `/` for the root itself.
    public let path: String

    let address: UInt64
    let space: AddressSpace

    init(
        at address: UInt64, path: String, in space: AddressSpace
    ) throws(SwiftletError) {
        (self.address, self.path, self.space) = (address, path, space)
        _ = try inFile { (reader) throws(SwiftletError) in try header(&reader) }
    }

    private func header(_ reader: inout MetadataReader) throws(SwiftletError) -> ObjectHeader {
        let header = try ObjectHeader(at: address, &reader)
        guard GroupLinks.isGroup(header) else {
            throw SwiftletError(
                .hdf5ObjectHeader, "the object is not a group", at: space.place(address))
        }
        return header
    }

    /// Calls `body` with a new reader, and adds the file and this group to its errors.
    private func inFile<R>(
        _ body: (inout MetadataReader) throws(SwiftletError) -> R
    ) throws(SwiftletError) -> R {
        var reader = MetadataReader(space)
        do throws(SwiftletError) {
            return try body(&reader)
        } catch {
            throw error.inFile(space.path).at("\"\(path)\"")
        }
    }

    /// The links: in order of creation if the group tracks it, else by the bytes of their names.
    public var links: [HDF5Link] {
        get throws(SwiftletError) {
            try inFile { (reader) throws(SwiftletError) in try links(&reader) }
        }
    }

    func links(_ reader: inout MetadataReader) throws(SwiftletError) -> [HDF5Link] {
        try GroupLinks.read(try header(&reader), &reader)
    }

    /// The attributes: in order of creation if the group tracks it, else by name.
    public var attributes: [HDF5Attribute] {
        get throws(SwiftletError) {
            try inFile { (reader) throws(SwiftletError) in
                try AttributeList.read(try header(&reader), &reader)
            }
        }
    }

    /// The value of the attribute with the given name, or nil if there is no such attribute.
    public func attribute(_ name: String) throws(SwiftletError) -> HDF5Value? {
        try AttributeList.value(name, in: try attributes)
    }

    /// The groups in this one, in the order of ``links``.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5LinkRefused`` if a link is not a hard link,
    ///   so that nothing is skipped silently.
    public var groups: [HDF5Group] {
        get throws(SwiftletError) {
            try objects.compactMap { if case .group(let group) = $0 { group } else { nil } }
        }
    }

    /// The datasets in this group, in the order of ``links``.
    ///
    /// Throws the errors of ``groups``.
    public var datasets: [HDF5Dataset] {
        get throws(SwiftletError) {
            try objects.compactMap { if case .dataset(let dataset) = $0 { dataset } else { nil } }
        }
    }

    /// The groups, datasets and named datatypes in this group, in the order of ``links``.
    ///
    /// Throws the errors of ``groups``.
    public var objects: [HDF5Object] {
        get throws(SwiftletError) {
            try inFile { (reader) throws(SwiftletError) in try objects(&reader) }
        }
    }

    func objects(_ reader: inout MetadataReader) throws(SwiftletError) -> [HDF5Object] {
        var objects: [HDF5Object] = []
        for link in try links(&reader) { objects.append(try object(link, &reader)) }
        return objects
    }

    func object(
        _ link: HDF5Link, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> HDF5Object {
        let path = path(of: link)
        // The paths of deeply nested objects can grow with the square of the file size.
        try reader.spend(path.utf8.count)
        return try HDF5Object(at: try link.object(), path: path, &reader)
    }

    /// The path of the object that a link of this group refers to.
    func path(of link: HDF5Link) -> String {
        path == "/" ? "/" + link.name : path + "/" + link.name
    }

    /// Returns the object at a path relative to this group, such as `dense/kernel:0`.
    ///
    /// - Parameter path: The path; leading slashes, empty components and `.` are ignored.
    /// - Returns: The object, or nil if there is none.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5LinkRefused`` if the path leads through a
    ///   link that is not a hard link.
    public func object(_ path: String) throws(SwiftletError) -> HDF5Object? {
        var finder = PathFinder(space)
        do throws(SwiftletError) {
            return try finder.object(path, from: self)
        } catch {
            throw error.inFile(space.path)
        }
    }

    /// Returns the group at a path relative to this one, or nil if there is no group.
    public func group(_ path: String) throws(SwiftletError) -> HDF5Group? {
        if case .group(let group) = try object(path) { group } else { nil }
    }

    /// Returns the dataset at a path relative to this group, or nil if there is no dataset.
    public func dataset(_ path: String) throws(SwiftletError) -> HDF5Dataset? {
        if case .dataset(let dataset) = try object(path) { dataset } else { nil }
    }
}
