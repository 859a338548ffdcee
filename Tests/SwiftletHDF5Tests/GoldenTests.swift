import SwiftletBytes
import SwiftletHDF5
import Testing
import _SwiftletTestSupport

/// Every fixture, compared with what h5py reads from it.
@Suite("HDF5 files read as by h5py")
struct GoldenTests {
    @Test(
        "links, attributes, shapes and elements",
        arguments: [
            "plain", "plain-latest", "chunked", "chunked-v108", "chunked-latest", "many",
            "many-latest", "ordered", "ordered-latest", "userblock", "userblock-latest",
            "tf_model", "model.weights", "refused", "cut-names", "paged-latest",
            "large-attribute",
        ]
    )
    func contents(_ name: String) throws {
        let file = try fixture(name)
        let golden = try GoldenFile.json("hdf5/\(name).json")
        for (path, expected) in try #require(golden["groups"]?.object).pairs {
            let group = try #require(try file.root.group(path), "\(path)")
            #expect(
                try group.links.map(\.name) == expected.elements("links").map(\.string),
                "\(path)")
            try compare(try group.attributes, try #require(expected["attributes"]?.object), path)
        }
        for (path, expected) in try #require(golden["datasets"]?.object).pairs {
            let dataset = try #require(try file[path], "\(path)")
            #expect(dataset.path == path)
            #expect(dataset.shape == (try expected.elements("shape").map(\.int)), "\(path)")
            guard let hex = expected["hex"]?.string else {
                #expect(throws: SwiftletError.self, "\(path)") { try dataset.tensor() }
                continue
            }
            let tensor = try dataset.tensor()
            #expect(tensor.name == path.dropFirst())
            #expect(tensor.dtype.rawValue == expected["dtype"]?.string, "\(path)")
            #expect(try dataset.dtype == tensor.dtype)
            #expect("\(dataset.storage)" == expected["storage"]?.string, "\(path)")
            #expect(try self.hex(tensor.bytes) == hex, "\(path)")
            if expected["mapped"]?.bool == true, tensor.byteCount > 0 {
                #expect(try tensor.bytes.owner is MappedFile, "\(path)")
            }
        }
    }

    private func hex(_ view: ByteView) -> String {
        let digits = Array("0123456789abcdef")
        return String(view.copy().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    private func compare(
        _ attributes: [HDF5Attribute], _ golden: JSONObject, _ path: String
    ) throws {
        #expect(attributes.map(\.name) == golden.pairs.map(\.key), "\(path)")
        for (attribute, expected) in zip(attributes, golden.pairs.map(\.value)) {
            let place: Comment = "\(path), \(attribute.name)"
            guard let kind = expected["kind"]?.string, kind != "other" else {
                #expect(throws: SwiftletError.self, place) { try attribute.value }
                continue
            }
            let value = try attribute.value
            #expect(value.shape == (try expected.elements("shape").map(\.int)), place)
            let elements = try expected.elements("elements")
            switch value.elements {
            case .strings(let texts): #expect(texts == elements.map(\.string), place)
            case .integers(let numbers):
                #expect(numbers.map { Int($0) } == elements.map(\.int), place)
            case .unsignedIntegers(let numbers):
                let texts = elements.map { if case .number(let n) = $0 { n.text } else { "" } }
                #expect(numbers.map(String.init) == texts, place)
            case .floats(let numbers): #expect(numbers == elements.map(\.double), place)
            case .booleans(let values): #expect(values == elements.map(\.bool), place)
            }
            let expectedKind = [
                "text": "strings", "int": "integers", "unsigned": "unsignedIntegers",
                "float": "floats", "bool": "booleans", "empty": "floats",
            ][kind]
            #expect("\(value.elements)".hasPrefix(expectedKind ?? "?"), place)
        }
    }
}
