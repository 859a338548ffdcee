import SwiftletBytes
import Testing

@testable import SwiftletHDF5

/// Streams written by Python's `zlib`, and streams that zlib refuses.
@Suite("Filters and checksums")
struct InflateTests {
    private func inflate(_ hex: String, limit: Int = 1000) throws -> [UInt8] {
        try ZlibStream.inflate(bytes(hex), limit: limit)
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8.filter { $0 != 32 })
        return stride(from: 0, to: digits.count, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
        }
    }

    @Test("an empty stream, a stored block, fixed codes and a long run")
    func streams() throws {
        #expect(try inflate("789c030000000001").isEmpty)
        #expect(try inflate("7801 01 0300 fcff 616263 024d0127") == Array("abc".utf8))
        #expect(try inflate("789c4b4c4a0600024d0127") == Array("abc".utf8))
        #expect(try inflate("789c4b4ca43d00007a4725e5") == [UInt8](repeating: 97, count: 100))
    }

    @Test("dynamic codes: every size limit, truncation and bit flip")
    func dynamic() throws {
        let made = try #require(try? fixtureStream())
        #expect(try ZlibStream.inflate(made.stream, limit: made.expected.count) == made.expected)
        for limit in [0, 1, made.expected.count - 1] {
            #expect(throws: SwiftletError(.hdf5Deflate, "")) {
                try ZlibStream.inflate(made.stream, limit: limit)
            }
        }
        for count in 0..<made.stream.count {
            #expect(throws: SwiftletError(.hdf5Deflate, "")) {
                try ZlibStream.inflate(
                    Array(made.stream[..<count]), limit: made.expected.count)
            }
        }
        // The checksum detects every change that the codes do not.
        var stream = made.stream
        for position in stream.indices {
            for bit in 0..<8 {
                stream[position] ^= 1 << bit
                let result = try? ZlibStream.inflate(stream, limit: 4000)
                // The window size and the level in the header do not affect the output.
                #expect(result == nil || result == made.expected)
                stream[position] ^= 1 << bit
            }
        }
    }

    /// zlib.compress(b"".join(b"%d," % (i * i % 97) for i in range(300)), 9).
    private func fixtureStream() throws -> (stream: [UInt8], expected: [UInt8]) {
        (
            bytes(dynamicStream),
            Array((0..<300).map { "\($0 * $0 % 97)," }.joined().utf8)
        )
    }

    @Test("streams that zlib refuses are refused", arguments: refused)
    func refusals(_ what: String, _ hex: String) {
        #expect(throws: SwiftletError(.hdf5Deflate, ""), "\(what)") { try inflate(hex) }
    }

    private static let refused = [
        ("no bytes", ""),
        ("five bytes", "789c030000"),
        ("method 7", "779f030000000001"),
        ("a window of 64 KiB", "881c030000000001"),
        ("a wrong header check", "789d030000000001"),
        ("a dictionary", "78bb030000000001"),
        ("a block of type 3", "789c070000000001"),
        ("stored lengths that disagree", "7801 01 0300 fdff 616263 024d0127"),
        ("a stored block past the end", "7801 01 0a00 f5ff 616263 024d0127"),
        ("a wrong checksum", "789c4b4c4a0600024d0128"),
        ("a trailing byte", "789c4b4c4a0600024d012700"),
        ("a distance before the start", "789c4b040200000000000001"),
        ("287 literal codes", "789cf5000000000000000001"),
    ]

    @Test("Fletcher-32 checksums")
    func fletcher() {
        // By the definition of H5_checksum_fletcher32: big-endian words, sums modulo 65,535.
        #expect(Fletcher32.checksum([]) == 0)
        #expect(Fletcher32.checksum([1, 2]) == 0x0102_0102)
        #expect(Fletcher32.checksum([1, 2, 3]) == 0x0504_0402)
        var damaged: [UInt8] = [1, 2, 3, 0x02, 0x04, 0x04, 0x04]
        #expect(throws: SwiftletError(.hdf5Fletcher, "")) {
            try Fletcher32.checkAndRemove(&damaged)
        }
    }

    @Test("lookup3 hashes of the examples in lookup3.c")
    func lookup3() {
        // driver5: hashlittle of "" and of the Gettysburg line, with initial value 0.
        #expect(Lookup3.hash(ByteView([])) == 0xDEAD_BEEF)
        #expect(
            Lookup3.hash(ByteView(Array("Four score and seven years ago".utf8))) == 0x1777_0551)
    }

    @Test("shuffle, with and without remaining bytes")
    func shuffle() {
        #expect(Shuffle.undo([1, 3, 2, 4, 9], elementSize: 2) == [1, 2, 3, 4, 9])
        #expect(Shuffle.undo([1, 2, 3], elementSize: 4) == [1, 2, 3])
        #expect(Shuffle.undo([1, 2, 3], elementSize: 1) == [1, 2, 3])
    }
}

private let dynamicStream =
    "78daed90db8dc5200c051b9a8fd80603fd37b60325ecf795229484f3fe080687687252cd38f46007"
    + "450ec6622549059d1c11c5fa88641647b45c057c1fcc8f4d4f72b1377390c9564da94904bb69199b"
    + "4a4224a7d89375589ef59ef7e94faffa82844a9026399e90728a2aad81369a69b9afb9116e9078a1"
    + "fa0634a6618d6cf07e25f2d6b194d5ea96b4aa85eb957782e316c1f7dbe4b7c9ff37f903a4c6a4f5"
