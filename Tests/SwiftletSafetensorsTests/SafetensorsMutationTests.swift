import SwiftletBytes
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

/// Whatever the bytes, the reader either throws a safetensors error or returns tensors that are
/// inside the file.
@Suite("Damaged safetensors files")
struct SafetensorsMutationTests {
    private let small = safetensors(
        #"{"__metadata__":{"f":"pt"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
            + #""b":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}"#, data: 16)

    private func check(_ bytes: [UInt8]) {
        switch verdict(bytes) {
        case .failure(let error):
            #expect(
                error.code.name.hasPrefix("safetensors."), "\(error.code): \(error)")
        case .success:
            guard let file = try? SafetensorsFile(view: ByteView(bytes)) else { return }
            for tensor in file.tensors {
                #expect(tensor.dtype.byteCount(elements: tensor.elementCount) == tensor.byteCount)
            }
        }
    }

    @Test("every truncation")
    func truncation() {
        for count in 0..<small.count {
            check(Array(small[..<count]))
            #expect(throws: SwiftletError.self) {
                try SafetensorsFile(view: ByteView(Array(small[..<count])))
            }
        }
    }

    @Test("every value of every byte of the header")
    func flips() {
        var bytes = small
        for position in 0..<small.count - 16 {
            for value in UInt8.min...UInt8.max where value != small[position] {
                bytes[position] = value
                check(bytes)
            }
            bytes[position] = small[position]
        }
    }

    @Test("every pair of adjacent header bytes removed")
    func deletions() {
        for position in 0..<small.count - 17 {
            var bytes = small
            bytes.removeSubrange(position..<position + 2)
            check(bytes)
        }
    }

    @Test("every bit flipped in the header of a file with every dtype")
    func referenceBits() {
        var bytes = referenceFile
        for position in 0..<bytes.count - 84 {
            for bit in 0..<8 {
                bytes[position] ^= 1 << bit
                check(bytes)
                bytes[position] ^= 1 << bit
            }
        }
    }

    @Test("truncations and header byte flips of whole checkpoints", arguments: models)
    func checkpoints(_ name: String) throws {
        let bytes = try TestFiles.bytes(TestFiles.fixture(name))
        let header = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
        #expect(throws: Never.self) { try SafetensorsFile(view: ByteView(bytes)) }
        // Inside the data every cut is alike, so a sample of them is enough.
        for count in Array(0...header) + Array(stride(from: header, to: bytes.count, by: 997)) {
            #expect(throws: SwiftletError.self) {
                try SafetensorsFile(view: ByteView(bytes)[0..<count])
            }
        }
        DamagedFile.flips(bytes, in: 0..<header, step: 3) { check($0) }
    }

    private static let models = [
        "gpt2-variant/model.safetensors", "torch-archive/dtypes.safetensors",
    ]

    @Test("inputs kept from fuzzing", arguments: FuzzInputs.names("safetensors"))
    func kept(_ name: String) throws { check(try FuzzInputs.bytes("safetensors", name)) }
}
