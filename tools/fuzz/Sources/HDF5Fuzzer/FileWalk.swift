import FuzzSupport
import SwiftletBytes
import SwiftletHDF5

/// Reads everything in a file that can be read.
struct FileWalk {
    /// Whether the elements of datasets and the values of attributes are read.
    var readsElements = true
    /// The wrong checksums that were reported.
    private(set) var wrongChecksums: [WrongChecksum] = []
    /// Limits the walk, because a cyclic file would never end.
    private var objectsLeft = 60

    init() {}

    mutating func read(_ input: ByteView) {
        guard let file = attempt({ () throws(SwiftletError) in try Self.open(input) }) else {
            return
        }
        if readsElements {
            let datasets = attempt { () throws(SwiftletError) in try file.datasets }
            for variable in attempt({ () throws(SwiftletError) in try file.kerasVariables }) ?? [] {
                require(
                    variable.dataset.path.hasSuffix("vars/\(variable.name)"), "not a variable")
            }
            for weight in attempt({ () throws(SwiftletError) in try file.kerasWeights }) ?? [] {
                require(!weight.dataset.path.isEmpty, "a weight without a path")
            }
            _ = attempt { () throws(SwiftletError) in try file.kerasVersion }
            // A file keeps no state, so it is enough to do this occasionally.
            if input.count % 16 == 0, let again = try? Self.open(input) {
                require(
                    datasets?.map(\.path) == (try? again.datasets)?.map(\.path),
                    "opening the file again lists other datasets")
            }
        }
        walk(file.root, input, depth: 0)
    }

    private static func open(_ input: ByteView) throws(SwiftletError) -> HDF5File {
        try HDF5File(view: input, path: "x")
    }

    private mutating func walk(_ group: HDF5Group, _ input: ByteView, depth: Int) {
        guard depth < 8 else { return }
        read(attempt { () throws(SwiftletError) in try group.attributes })
        if let objects = attempt({ () throws(SwiftletError) in try group.objects }) {
            for object in objects { walk(object, input, depth: depth) }
            return
        }
        // One by one, so that a bad link does not hide the others; each access reads all links.
        for link in attempt({ () throws(SwiftletError) in try group.links })?.prefix(20) ?? [] {
            let object = attempt { () throws(SwiftletError) in try group.object(link.name) }
            if case let object?? = object { walk(object, input, depth: depth) }
        }
    }

    private mutating func walk(_ object: HDF5Object, _ input: ByteView, depth: Int) {
        guard objectsLeft > 0 else { return }
        objectsLeft -= 1
        switch object {
        case .group(let inner): walk(inner, input, depth: depth + 1)
        case .dataset(let dataset): read(dataset, input)
        case .datatype: break
        }
    }

    private mutating func read(_ dataset: HDF5Dataset, _ input: ByteView) {
        read(attempt { () throws(SwiftletError) in try dataset.attributes })
        _ = attempt { () throws(SwiftletError) in try dataset.dtype }
        guard readsElements else { return }
        _ = attempt { () throws(SwiftletError) in
            let tensor = try dataset.tensor()
            FuzzSupport.read(tensor, try tensor.bytes, of: input)
        }
    }

    private mutating func read(_ attributes: [HDF5Attribute]?) {
        guard readsElements else { return }
        for attribute in attributes ?? [] {
            _ = attempt { () throws(SwiftletError) in try attribute.value }
        }
    }

    private mutating func attempt<R>(_ body: () throws(SwiftletError) -> R) -> R? {
        verdict(["hdf5."]) { () throws(SwiftletError) in
            do throws(SwiftletError) {
                return try body()
            } catch {
                if let wrong = WrongChecksum(error) { wrongChecksums.append(wrong) }
                throw error
            }
        }
    }
}
