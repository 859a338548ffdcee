import SwiftletBytes

/// Looks up many paths, and reads the links of each group on the way only once.
struct PathFinder {
    private var reader: MetadataReader
    private var listings: [UInt64: [[UInt8]: HDF5Link]] = [:]
    /// The addresses of known groups.
    private var groups: Set<UInt64> = []

    init(_ space: AddressSpace) { reader = MetadataReader(space) }

    /// Returns the object at `path`, relative to `group`, or nil if there is none.
    ///
    /// As in libhdf5, empty components and `.` are ignored.
    mutating func object(
        _ path: String, from group: HDF5Group
    ) throws(SwiftletError) -> HDF5Object? {
        var object = HDF5Object.group(group)
        for part in path.split(separator: "/") where part != "." {
            guard case .group(let group) = object else { return nil }
            guard let link = try links(of: group)[Array(part.utf8)] else { return nil }
            if case .object(let address) = link.target, groups.contains(address) {
                object = .group(
                    HDF5Group(known: address, path: group.path(of: link), in: reader.space))
            } else {
                object = try group.object(link, &reader)
                if case .group(let inner) = object { groups.insert(inner.address) }
            }
        }
        return object
    }

    private mutating func links(
        of group: HDF5Group
    ) throws(SwiftletError) -> [[UInt8]: HDF5Link] {
        if let known = listings[group.address] { return known }
        var listing: [[UInt8]: HDF5Link] = [:]
        do throws(SwiftletError) {
            for link in try group.links(&reader) { listing[Array(link.name.utf8)] = link }
        } catch {
            throw error.at("\"\(group.path)\"")
        }
        listings[group.address] = listing
        return listing
    }
}
