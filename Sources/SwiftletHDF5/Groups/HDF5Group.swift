import SwiftletBytes

/// A group: names of groups and datasets, with attributes of its own.
///
/// A group knows where its names are and reads them anew at each question; keep an answer that is
/// asked for often.
public struct HDF5Group: Sendable {
    /// The path from the root, `/` for the root itself.
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
            throw SwiftletError(.hdf5ObjectHeader, "is no group", at: space.place(address))
        }
        return header
    }

    /// Answers one question, with the file and this group in its errors.
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

    /// All names: in order of creation where the group keeps that, else by their bytes.
    public var links: [HDF5Link] {
        get throws(SwiftletError) {
            try inFile { (reader) throws(SwiftletError) in try links(&reader) }
        }
    }

    func links(_ reader: inout MetadataReader) throws(SwiftletError) -> [HDF5Link] {
        try GroupLinks.read(try header(&reader), &reader)
    }

    /// The attributes: in order of creation where the group keeps that, else by name.
    public var attributes: [HDF5Attribute] {
        get throws(SwiftletError) {
            try inFile { (reader) throws(SwiftletError) in
                try AttributeList.read(try header(&reader), &reader)
            }
        }
    }

    /// The value of an attribute; nil if there is none of that name.
    public func attribute(_ name: String) throws(SwiftletError) -> HDF5Value? {
        try AttributeList.value(name, in: try attributes)
    }

    /// The groups in this one, in the order of ``links``.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5LinkRefused`` if a link leads out of the file, so that
    ///   nothing is passed over in silence.
    public var groups: [HDF5Group] {
        get throws(SwiftletError) {
            try objects.compactMap { if case .group(let group) = $0 { group } else { nil } }
        }
    }

    /// The datasets in this group, in the order of ``links``; throws as ``groups`` does.
    public var datasets: [HDF5Dataset] {
        get throws(SwiftletError) {
            try objects.compactMap { if case .dataset(let dataset) = $0 { dataset } else { nil } }
        }
    }

    /// Groups, datasets and named types of this group, in the order of ``links``; throws as
    /// ``groups`` does.
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
        // Paths of deeply nested objects grow with the square of the file.
        try reader.spend(path.utf8.count)
        return try HDF5Object(at: try link.object(), path: path, &reader)
    }

    /// The path of what a link of this group leads to.
    func path(of link: HDF5Link) -> String {
        path == "/" ? "/" + link.name : path + "/" + link.name
    }

    /// What a relative path (`dense/kernel:0`) leads to; nil if nothing is there.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5LinkRefused`` where a link would have to be followed.
    public func object(_ path: String) throws(SwiftletError) -> HDF5Object? {
        var finder = PathFinder(space)
        do throws(SwiftletError) {
            return try finder.object(path, from: self)
        } catch {
            throw error.inFile(space.path)
        }
    }

    /// The group at a relative path; nil if there is nothing, or no group.
    public func group(_ path: String) throws(SwiftletError) -> HDF5Group? {
        if case .group(let group) = try object(path) { group } else { nil }
    }

    /// The dataset at a relative path; nil if there is nothing, or no dataset.
    public func dataset(_ path: String) throws(SwiftletError) -> HDF5Dataset? {
        if case .dataset(let dataset) = try object(path) { dataset } else { nil }
    }
}
