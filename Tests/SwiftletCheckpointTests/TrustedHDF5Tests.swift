import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletCheckpoint

@Suite("HDF5 through the C library")
struct TrustedHDF5Tests {
    private func open(_ name: String, _ reading: HDF5Reading) throws -> Checkpoint {
        try Checkpoint(path: fixture("hdf5-library/\(name).h5"), hdf5: reading)
    }

    private func numbers(_ tensor: StoredTensor) throws -> [Double] {
        let bytes = try tensor.bytes
        if tensor.dtype == .bool { return bytes.copy().map(Double.init) }
        // The elements are owned by the reader.
        let reader = ElementReader()
        return withExtendedLifetime(reader) { Array(reader.read(bytes, tensor.dtype)) }
    }

    @Test(
        "values are h5py's, also where elements must be converted", arguments: ["types", "layers"])
    func values(_ name: String) throws {
        let golden = try #require(
            try GoldenFile.json("hdf5-library/values.json")[name]?.object)
        let checkpoint = try open(name, .library)
        var checked = 0
        for tensor in checkpoint.tensors {
            let expected = try #require(golden[tensor.name])
            #expect(tensor.shape == (try expected.elements("shape").map { try #require($0.int) }))
            #expect(try numbers(tensor) == expected.doubles("values"), "\(tensor.name)")
            checked += 1
        }
        #expect(checked == golden.pairs.count - (name == "layers" ? 1 : 0))
    }

    @Test("types that Swiftlet's own reader refuses have a hint")
    func refusedTypes() throws {
        do throws(SwiftletError) {
            _ = try Checkpoint(path: fixture("hdf5-library/types.h5"))
            Issue.record("types.h5 was read")
        } catch {
            #expect(error.code.kind == .unsupported)
            #expect(error.hint?.contains("--via-libhdf5") == true)
        }
        let dtypes = Dictionary(
            uniqueKeysWithValues: try open("types", .library).tensors.map { ($0.name, $0.dtype) })
        #expect(
            dtypes == [
                "moved": .f32, "narrow": .i32, "be": .f64, "half": .f16, "flag": .bool,
                "choice": .i8, "scaled": .i64, "scalar": .f32,
            ])
    }

    @Test("both readers read the same checkpoint", arguments: [HDF5Reading.own, .library])
    func layers(_ reading: HDF5Reading) throws {
        let checkpoint = try open("layers", reading)
        #expect(
            checkpoint.tensors.map(\.name) == [
                "model_weights/d/m/d/kernel:0", "model_weights/d/m/d/bias:0",
                "model_weights/top_level_model_weights/m/extra:0",
            ])
        #expect(checkpoint.familyTensors.map(\.name) == ["d.weight", "d.bias", "extra"])
        #expect(checkpoint.familyTensors.map(\.tensor.shape) == [[3, 2], [3], [2]])
        #expect(
            try numbers(checkpoint.familyTensors[0].tensor) == [0, 3, 1, 4, 2, 5])
        #expect(checkpoint.notes.contains { $0.contains("optimizer_weights/step") })
    }

    @Test(
        "duplicates, sizes beyond the stored data, and links out of the file are refused",
        arguments: ["repeated", "bomb", "outside"], [HDF5Reading.own, .library])
    func refused(_ name: String, _ reading: HDF5Reading) throws {
        do throws(SwiftletError) {
            _ = try Checkpoint(path: fixture("hdf5-library/\(name).h5"), hdf5: reading)
            Issue.record("\(name).h5 was read")
        } catch {
            #expect(error.code.kind == .badData || error.code.kind == .unsupported, "\(error)")
        }
    }
}
