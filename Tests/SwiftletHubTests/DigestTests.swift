import SwiftletBytes
import SwiftletDigests
import Testing

@testable import SwiftletHub

/// The hashes of FIPS 180-4, on the examples of NIST (Cryptographic Standards and Guidelines,
/// "Secure Hashing") and the test vectors of FIPS 180-2, appendices A and B.
struct DigestTests {
    /// A message and its hashes.
    struct Vector: Sendable, CustomTestStringConvertible {
        let message: [UInt8]
        let sha1: String
        let sha256: String

        var testDescription: String { "\(message.count) bytes" }
    }

    static let vectors = [
        Vector(
            message: [], sha1: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        Vector(
            message: Array("abc".utf8), sha1: "a9993e364706816aba3e25717850c26c9cd0d89d",
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Vector(
            message: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
            sha1: "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
            sha256: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        Vector(
            message: [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
            sha1: "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
            sha256: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    private static func digits(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test("published vectors, at once and in pieces", arguments: vectors)
    func published(_ vector: Vector) throws {
        for (function, expected) in [
            (SHADigest.Function.sha1, vector.sha1), (.sha256, vector.sha256),
        ] {
            for size in [vector.message.count, 1 << 14, 63, 64, 65] where size > 0 {
                let digest = try SHADigest(function)
                var start = 0
                while start < vector.message.count {
                    let end = min(start + size, vector.message.count)
                    try digest.update(Array(vector.message[start..<end]))
                    start = end
                }
                #expect(Self.digits(try digest.value()) == expected)
                // Reading the value does not end the hash.
                #expect(Self.digits(try digest.value()) == expected)
            }
        }
    }

    @Test("reading the value in between does not change the result")
    func between() throws {
        let digest = try SHADigest(.sha256)
        try digest.update(Array("ab".utf8))
        _ = try digest.value()
        try digest.update(Array("c".utf8))
        #expect(Self.digits(try digest.value()) == Self.vectors[1].sha256)
    }

    @Test("git hashes the length before the content")
    func gitBlob() throws {
        let file = SampleFile.config
        let entry = try JSONValue.parse(ByteView(Array(file.entry.utf8)))
        let digest = try ContentDigest(try #require(try RepositoryFile(entry)))
        try file.bytes.withUnsafeBytes { try digest.update($0) }
        #expect(try digest.digits() == file.git)
    }
}
