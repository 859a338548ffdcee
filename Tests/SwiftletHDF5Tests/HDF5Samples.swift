import SwiftletBytes
import SwiftletHDF5
import Testing
import _SwiftletTestSupport

/// A fixture, opened.
func fixture(_ name: String) throws -> HDF5File {
    try HDF5File(path: TestFiles.fixture("hdf5/\(name).h5"))
}

/// A fixture's bytes.
func bytes(_ name: String) throws -> [UInt8] {
    try MappedFile(path: TestFiles.fixture("hdf5/\(name).h5")).bytes.copy()
}

/// Reads all that a file has, as far as it can: every link, attribute and dataset.
///
/// - Returns: the errors met on the way, the file's own among them.
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
    guard
        let file = attempt({ () throws(SwiftletError) in
            try HDF5File(view: ByteView(bytes), path: "x")
        })
    else { return errors }
    _ = attempt { () throws(SwiftletError) in try file.datasets }
    _ = attempt { () throws(SwiftletError) in try file.kerasVariables }
    _ = attempt { () throws(SwiftletError) in try file.kerasWeightsGroup }
    // Group by group, so that one bad link does not hide the others; not deeper than any fixture.
    var pending = [(file.root, 0)]
    while let (group, depth) = pending.popLast() {
        read(attempt { () throws(SwiftletError) in try group.attributes })
        let links = attempt { () throws(SwiftletError) in try group.links } ?? []
        for link in links.prefix(100) {
            let object = attempt { () throws(SwiftletError) in try group.object(link.name) }
            switch object {
            case .group(let inner)?? where depth < 6: pending.append((inner, depth + 1))
            case .dataset(let dataset)??:
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
