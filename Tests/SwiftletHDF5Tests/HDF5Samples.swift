import SwiftletBytes
import SwiftletHDF5
import Testing
import _SwiftletTestSupport

/// Opens a fixture.
func fixture(_ name: String) throws -> HDF5File {
    try HDF5File(path: TestFiles.fixture("hdf5/\(name).h5"))
}

/// The bytes of a fixture.
func bytes(_ name: String) throws -> [UInt8] {
    try TestFiles.bytes(TestFiles.fixture("hdf5/\(name).h5"))
}

/// Reads all links, attributes and datasets of a file, as far as possible.
///
/// - Parameter bytes: The whole file.
/// - Returns: All errors, including that of opening the file.
func readEverything(_ bytes: [UInt8]) -> [SwiftletError] {
    var errors: [SwiftletError] = []
    func attempt<R>(_ body: () throws(SwiftletError) -> R) -> R? {
        do throws(SwiftletError) {
            return try body()
        } catch {
            errors.append(error)
            return nil
        }
    }
    func read(_ attributes: [HDF5Attribute]?) {
        for attribute in attributes ?? [] {
            _ = attempt { () throws(SwiftletError) in try attribute.value }
        }
    }
    func objects(of group: HDF5Group) -> [HDF5Object] {
        if let objects = attempt({ () throws(SwiftletError) in try group.objects }) {
            return objects
        }
        // One by one, so that a bad link does not hide the others; each access reads all links.
        let links = attempt { () throws(SwiftletError) in try group.links } ?? []
        return links.prefix(100).compactMap { link in
            attempt { () throws(SwiftletError) in try group.object(link.name) } ?? nil
        }
    }
    guard
        let file = attempt({ () throws(SwiftletError) in
            try HDF5File(view: ByteView(bytes), path: "x")
        })
    else { return errors }
    _ = attempt { () throws(SwiftletError) in try file.datasets }
    _ = attempt { () throws(SwiftletError) in try file.kerasVariables }
    if case _?? = attempt({ () throws(SwiftletError) in try file.kerasWeightsGroup }) {
        _ = attempt { () throws(SwiftletError) in try file.kerasWeights }
    }
    // No deeper than any fixture.
    var pending = [(file.root, 0)]
    while let (group, depth) = pending.popLast() {
        read(attempt { () throws(SwiftletError) in try group.attributes })
        for object in objects(of: group).prefix(100) {
            switch object {
            case .group(let inner) where depth < 6: pending.append((inner, depth + 1))
            case .dataset(let dataset):
                read(attempt { () throws(SwiftletError) in try dataset.attributes })
                _ = attempt { () throws(SwiftletError) -> Int in
                    let tensor = try dataset.tensor()
                    #expect(
                        tensor.dtype.byteCount(elements: tensor.elementCount) == tensor.byteCount)
                    return try tensor.bytes.count
                }
            default: break
            }
        }
    }
    return errors
}
