import SwiftletBytes
import SwiftletHDF5
import Testing
import _SwiftletTestSupport

/// Whatever the bytes, reading terminates with values or HDF5 errors.
@Suite("Damaged HDF5 files")
struct MutationTests {
    private static let small = ["userblock-latest", "userblock", "growing-latest"]

    private func check(_ bytes: [UInt8], _ what: @autoclosure () -> String) {
        for error in readEverything(bytes) {
            #expect(error.code.name.hasPrefix("hdf5."), "\(what()): \(error)")
        }
    }

    private static let large = [
        "plain", "plain-latest", "chunked", "chunked-latest", "chunked-v108", "many",
        "many-latest", "cut-names", "ordered", "ordered-latest", "paged-latest", "tf_model",
        "model.weights", "refused", "large-attribute",
    ]

    @Test("truncations; of small files, every one", arguments: small + large)
    func truncation(_ name: String) throws {
        let whole = ByteView(try bytes(name))
        for count in stride(from: 0, to: whole.count, by: Self.small.contains(name) ? 1 : 13) {
            #expect(throws: SwiftletError.self) { try HDF5File(view: whole[0..<count]) }
        }
    }

    @Test("every byte with single bits or all bits flipped", arguments: small)
    func flips(_ name: String) throws {
        var bytes = try bytes(name)
        for position in 0..<bytes.count where bytes[position] != 0 || position % 3 == 0 {
            for change in [1, 4, 16, 128, 255] as [UInt8] {
                bytes[position] ^= change
                check(bytes, "\(position) ^ \(change)")
                bytes[position] ^= change
            }
        }
    }

    @Test("random changes, several at once", arguments: large)
    func random(_ name: String) throws {
        let whole = try bytes(name)
        var random = SplitMix64(seed: UInt64(name.utf8.count))
        for round in 0..<60 {
            var bytes = whole
            for _ in 0...round % 4 {
                let position = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes[position] ^= 1 << UInt8(random.next() % 8)
                default:
                    for index in position..<min(position + 8, bytes.count) { bytes[index] = 255 }
                }
            }
            check(bytes, "round \(round)")
        }
    }

    @Test("inputs kept from fuzzing", arguments: FuzzInputs.names("hdf5"))
    func kept(_ name: String) throws { check(try FuzzInputs.bytes("hdf5", name), name) }
}
