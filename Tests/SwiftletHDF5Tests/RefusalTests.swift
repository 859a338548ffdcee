import SwiftletBytes
import SwiftletHDF5
import Testing

@Suite("Unsupported contents of HDF5 files")
struct RefusalTests {
    @Test("soft and external links are listed, not followed")
    func links() throws {
        let file = try fixture("refused")
        let links = try file.root.links
        #expect(links.first { $0.name == "soft" }?.target == .soft(path: "/data"))
        #expect(
            links.first { $0.name == "away" }?.target
                == .external(file: "/etc/passwd", path: "/x"))
        for name in ["soft", "away"] {
            #expect(throws: SwiftletError(.hdf5LinkRefused, "")) { try file[name] }
        }
        // Nothing is skipped silently.
        #expect(throws: SwiftletError(.hdf5LinkRefused, "")) { try file.datasets }
        #expect(throws: SwiftletError(.hdf5LinkRefused, "")) { try file.root.groups }
        #expect(try file["data"]?.tensor().shape == [2])
    }

    @Test(
        "unsupported datasets are refused with their path",
        arguments: [
            ("external", SwiftletError.Code.hdf5ExternalStorage), ("virtual", .hdf5VirtualStorage),
            ("lzf", .hdf5Filter), ("scaleoffset", .hdf5Filter), ("compound", .hdf5NotNumbers),
            ("texts", .hdf5NotNumbers), ("opaque", .hdf5NotNumbers), ("complex", .hdf5NotNumbers),
            ("committed", .hdf5Shared),
        ]
    )
    func datasets(_ name: String, _ code: SwiftletError.Code) throws {
        let dataset = try #require(try fixture("refused")["sets/\(name)"])
        let error = #expect(throws: SwiftletError.self) { try dataset.tensor() }
        #expect(error?.code == code)
        #expect(error?.code.kind == .unsupported)
        #expect(error?.place?.contains("\"/sets/\(name)\"") == true)
        #expect(error?.file?.hasSuffix("refused.h5") == true)
    }

    @Test("unsupported attributes do not affect others")
    func attributes() throws {
        let group = try #require(try fixture("refused").root.group("sets"))
        #expect(try group.attribute("fine")?.int == 1)
        #expect(throws: SwiftletError(.hdf5Type, "")) { try group.attribute("compound") }
        #expect(throws: SwiftletError(.hdf5Type, "")) { try group.attribute("reference") }
        #expect(try group.attribute("absent") == nil)
    }

    @Test("extensible arrays are refused with a hint")
    func extensibleArray() throws {
        let dataset = try #require(try fixture("growing-latest")["x"])
        let error = #expect(throws: SwiftletError.self) { try dataset.bytes() }
        #expect(error?.code == .hdf5ChunkIndex)
        #expect(error?.hint?.contains("--via-libhdf5") == true)
    }
}
