import SwiftletBytes
import SwiftletGGUF
import Testing
import _SwiftletTestSupport

/// Whatever the bytes, the reader either throws an error of its own or returns tensors that are inside
/// the file, and metadata that can be read.
@Suite("Damaged GGUF files")
struct GGUFMutationTests {
    private let small = GGUFSample(
        fields: [
            (text("a"), GGUFKind.uint16.rawValue, [1, 2]),
            (text("b"), GGUFKind.array.rawValue, array(.string, 2, text("x") + text("yz"))),
            (text("general.alignment"), GGUFKind.uint32.rawValue, little(UInt32(8))),
        ],
        tensors: [(text("t"), [2, 1], 0, 0), (text("u"), [32], 8, 8)], alignment: 8, dataCount: 42
    ).bytes

    private func check(_ bytes: [UInt8]) {
        switch verdict(bytes) {
        case .failure(let error):
            #expect(error.code.name.hasPrefix("gguf."), "\(error.code): \(error)")
            #expect([.badData, .unsupported].contains(error.code.kind), "\(error)")
        case .success:
            guard let file = try? GGUFFile(view: ByteView(bytes)) else { return }
            for tensor in file.tensors {
                #expect(tensor.dtype.byteCount(shape: tensor.shape) == tensor.byteCount)
                #expect((try? tensor.bytes)?.count == tensor.byteCount)
                if tensor.dtype.block != nil {
                    #expect((try? tensor.widened())?.count == tensor.elementCount)
                }
            }
            for (_, value) in file.metadata {
                if let array = value.array { read(array) }
            }
        }
    }

    private func read(_ array: GGUFArray) {
        if let strings = array.strings() { #expect(strings.count == array.count) }
        if let floats = array.floats() { #expect(floats.count == array.count) }
        if let booleans = array.booleans() { #expect(booleans.count == array.count) }
        if let ints = array.ints() { #expect(ints.count == array.count) }
        if let arrays = array.arrays() {
            #expect(arrays.count == array.count)
            arrays.forEach(read)
        }
    }

    @Test("the undamaged file is accepted")
    func whole() throws { #expect(try verdict(small).get() == 2) }

    @Test("every truncation is refused")
    func truncation() {
        DamagedFile.truncations(small) { bytes in
            check(bytes)
            #expect(throws: SwiftletError.self) { try GGUFFile(view: ByteView(bytes)) }
        }
    }

    @Test("every value of every byte of the header")
    func flips() {
        var bytes = small
        for position in 0..<small.count - 42 {
            for value in UInt8.min...UInt8.max where value != small[position] {
                bytes[position] = value
                check(bytes)
            }
            bytes[position] = small[position]
        }
    }

    @Test("every pair of adjacent header bytes removed")
    func deletions() {
        for position in 0..<small.count - 43 {
            var bytes = small
            bytes.removeSubrange(position..<position + 2)
            check(bytes)
        }
    }

    @Test("flips in files of the gguf package", arguments: ["metadata", "types", "vocabulary"])
    func files(_ name: String) throws {
        let bytes = try TestFiles.bytes(TestFiles.fixture("gguf/\(name).gguf"))
        #expect(throws: Never.self) { try verdict(bytes).get() }
        DamagedFile.flips(bytes, in: 0..<min(bytes.count, 1400)) { check($0) }
    }

    @Test("inputs kept from fuzzing", arguments: FuzzInputs.names("gguf"))
    func kept(_ name: String) throws { check(try FuzzInputs.bytes("gguf", name)) }
}
