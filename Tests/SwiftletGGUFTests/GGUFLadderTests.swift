import SwiftletBytes
import SwiftletGGUF
import Testing

/// A file and the expected verdict: an error code, or nil if the file is accepted.
struct LadderCase: Sendable, CustomTestStringConvertible {
    let what: String
    let bytes: [UInt8]
    let code: SwiftletError.Code?

    init(_ what: String, _ bytes: [UInt8], _ code: SwiftletError.Code?) {
        (self.what, self.bytes, self.code) = (what, bytes, code)
    }

    var testDescription: String { what }
}

/// A sample that `change` has changed.
private func sample(_ change: (inout GGUFSample) -> Void) -> [UInt8] {
    var sample = GGUFSample()
    change(&sample)
    return sample.bytes
}

/// Arrays of one array each around an empty one, `depth` in all.
private func nested(_ depth: Int) -> [UInt8] {
    (1..<depth).flatMap { _ in array(.array, 1, []) } + array(.uint8, 0, [])
}

private let one = little(UInt32(1))

private let beginnings: [LadderCase] = [
    LadderCase("no bytes", [], .ggufMagic),
    LadderCase("three bytes", Array("GGU".utf8), .ggufMagic),
    LadderCase("another magic", Array("GGML".utf8) + [3, 0, 0, 0], .ggufMagic),
    LadderCase("a file from before GGUF", Array("tjgg".utf8) + [3, 0, 0, 0], .ggufMagic),
    LadderCase("the magic alone", Array("GGUF".utf8), .ggufTruncated),
    LadderCase("an empty file", sample { _ in }, nil),
    LadderCase("version 0", sample { $0.version = 0 }, .ggufVersion),
    LadderCase("version 1", sample { $0.version = 1 }, .ggufVersion),
    LadderCase("version 2", sample { $0.version = 2 }, nil),
    LadderCase("version 4", sample { $0.version = 4 }, .ggufVersion),
    LadderCase("big-endian", sample { $0.version = 3 << 24 }, .ggufBigEndian),
    LadderCase("no counts", Array(sample { _ in }.prefix(8)), .ggufTruncated),
    LadderCase("2^64 - 1 tensors", sample { $0.counts.tensors = .max }, .ggufCount),
    LadderCase("2^64 - 1 entries", sample { $0.counts.fields = .max }, .ggufCount),
    LadderCase("2^60 tensors", sample { $0.counts.tensors = 1 << 60 }, .ggufCount),
    LadderCase("one tensor that is not there", sample { $0.counts.tensors = 1 }, .ggufCount),
    LadderCase("one entry that is not there", sample { $0.counts.fields = 1 }, .ggufCount),
]

private let entries: [LadderCase] = [
    LadderCase(
        "a key longer than the file",
        sample { $0.fields = [(little(UInt64(1000)), 4, one)] }, .ggufTruncated),
    LadderCase(
        "a key of 2^64 - 1 bytes", sample { $0.fields = [(little(UInt64.max), 4, one)] },
        .ggufTruncated),
    LadderCase(
        "a key that is not UTF-8",
        sample { $0.fields = [(little(UInt64(1)) + [0xFF], 4, one)] }, .ggufNotUTF8),
    LadderCase("an empty key", GGUFSample.field(.uint32, one, key: ""), nil),
    LadderCase(
        "a key twice", sample { $0.fields = [(text("a"), 4, one), (text("a"), 4, one)] },
        .ggufDuplicateKey),
    LadderCase(
        "two spellings of one character",
        sample { $0.fields = [(text("\u{E9}"), 4, one), (text("e\u{301}"), 4, one)] }, nil),
    LadderCase("kind 13", GGUFSample.field(13, one), .ggufKind),
    LadderCase("kind 2^32 - 1", GGUFSample.field(.max, one), .ggufKind),
    LadderCase("half a number", GGUFSample.field(.float64, one), .ggufTruncated),
    LadderCase(
        "a string longer than the file", GGUFSample.field(.string, little(UInt64(9))),
        .ggufTruncated),
    LadderCase(
        "a string that is not UTF-8", GGUFSample.field(.string, little(UInt64(1)) + [0xFF]), nil),
    LadderCase("a truth value of 2", GGUFSample.field(.bool, [2]), nil),
    LadderCase(
        "an array of 2^64 - 1 bytes", GGUFSample.field(.array, array(.uint8, .max, [])),
        .ggufTruncated),
    LadderCase(
        "an array of 2^61 doubles, whose size overflows",
        GGUFSample.field(.array, array(.float64, 1 << 61, [])), .ggufTruncated),
    LadderCase(
        "an array of 2^61 strings", GGUFSample.field(.array, array(.string, 1 << 61, [])),
        .ggufTruncated),
    LadderCase(
        "an array whose second string does not fit",
        GGUFSample.field(.array, array(.string, 2, text("a") + little(UInt64(1)))),
        .ggufTruncated),
    LadderCase(
        "an array whose second string has 2^63 bytes",
        GGUFSample.field(.array, array(.string, 2, text("a") + little(UInt64(1) << 63))),
        .ggufTruncated),
    LadderCase(
        "an array of elements of kind 13",
        GGUFSample.field(.array, little(UInt32(13)) + little(UInt64(0))), .ggufKind),
    LadderCase("arrays 8 deep", GGUFSample.field(.array, nested(8)), nil),
    LadderCase("arrays 9 deep", GGUFSample.field(.array, nested(9)), .ggufNesting),
    LadderCase("arrays 100,000 deep", GGUFSample.field(.array, nested(100_000)), .ggufNesting),
]

private let alignments: [LadderCase] =
    [(0, SwiftletError.Code.ggufAlignment), (48, .ggufAlignment), (1, nil), (1 << 31, nil)].map {
        (value: UInt32, code) in
        LadderCase(
            "alignment \(value)",
            GGUFSample.field(.uint32, little(value), key: "general.alignment"), code)
    } + [
        LadderCase(
            "an alignment of 64 bits",
            GGUFSample.field(.uint64, little(UInt64(32)), key: "general.alignment"),
            .ggufAlignment)
    ]

private let tensors: [LadderCase] = [
    LadderCase(
        "a name that is not UTF-8",
        sample {
            $0.tensors = [(little(UInt64(1)) + [0xFF], [1], 0, 0)]
            $0.dataCount = 4
        }, .ggufNotUTF8),
    LadderCase(
        "a name twice",
        sample {
            $0.tensors = [(text("a"), [1], 0, 0), (text("a"), [1], 0, 32)]
            $0.dataCount = 64
        }, .ggufDuplicateTensor),
    LadderCase("a scalar", GGUFSample.tensor([], data: 4), nil),
    LadderCase("four dimensions", GGUFSample.tensor([1, 1, 1, 1], data: 4), nil),
    LadderCase("five dimensions", GGUFSample.tensor([1, 1, 1, 1, 1], data: 4), .ggufDimensions),
    LadderCase(
        "2^32 - 1 dimensions",
        sample { $0.counts.tensors = 1 } + text("t") + little(UInt32.max)
            + [UInt8](repeating: 0, count: 64), .ggufDimensions),
    LadderCase("a dimension of 2^63", GGUFSample.tensor([1 << 63], data: 4), .ggufOverflow),
    LadderCase("a product of 2^64", GGUFSample.tensor([1 << 32, 1 << 32], data: 4), .ggufOverflow),
    LadderCase(
        "a product that wraps to 1", GGUFSample.tensor([.max / 3, 3, 1 << 62], data: 4),
        .ggufOverflow),
    LadderCase("a size of 2^64", GGUFSample.tensor([1 << 62], data: 4), .ggufOverflow),
    LadderCase("half an exabyte", GGUFSample.tensor([1 << 57], data: 4), .ggufDataEnd),
    LadderCase("no elements", GGUFSample.tensor([5, 0], data: 0), nil),
    LadderCase("no elements of 2^62 columns", GGUFSample.tensor([1 << 62, 0], data: 0), nil),
    LadderCase("type IQ3_XXS", GGUFSample.tensor([256], type: 18, data: 98), .ggufTensorType),
    LadderCase("type 2^32 - 1", GGUFSample.tensor([1], type: .max, data: 4), .ggufTensorType),
    LadderCase("half a block", GGUFSample.tensor([16, 2], type: 8, data: 34), .ggufPartialBlock),
    LadderCase("one block", GGUFSample.tensor([32], type: 8, data: 34), nil),
    LadderCase("a scalar of blocks", GGUFSample.tensor([], type: 8, data: 34), .ggufPartialBlock),
    LadderCase("one byte short", GGUFSample.tensor([32], type: 8, data: 33), .ggufDataEnd),
    LadderCase("no data at all", GGUFSample.tensor([1], data: 0), .ggufDataEnd),
    LadderCase("an odd offset", GGUFSample.tensor([1], offset: 16, data: 64), .ggufMisaligned),
    LadderCase("after the end", GGUFSample.tensor([1], offset: 64, data: 64), .ggufDataEnd),
    LadderCase("at 2^63", GGUFSample.tensor([1], offset: 1 << 63, data: 64), .ggufDataEnd),
    LadderCase(
        "at 2^63 - 32", GGUFSample.tensor([1], offset: 1 << 63 - 32, data: 64), .ggufDataEnd),
    LadderCase("side by side", GGUFSample.vectors([(8, at: 0), (8, at: 32)], data: 64), nil),
    LadderCase("in another order", GGUFSample.vectors([(8, at: 32), (8, at: 0)], data: 64), nil),
    LadderCase("with a gap", GGUFSample.vectors([(8, at: 0), (8, at: 96)], data: 128), nil),
    LadderCase(
        "overlapping", GGUFSample.vectors([(9, at: 0), (8, at: 32)], data: 64), .ggufOverlap),
    LadderCase(
        "at one place", GGUFSample.vectors([(1, at: 32), (1, at: 32)], data: 64), .ggufOverlap),
    LadderCase("bytes after the last one", GGUFSample.tensor([1], data: 100), nil),
]

/// formats/gguf.md notes where llama.cpp and the gguf package decide differently.
@Suite("Verdicts on GGUF files")
struct GGUFLadderTests {
    @Test("each check has its verdict", arguments: beginnings + entries + alignments + tensors)
    func verdicts(_ file: LadderCase) {
        switch verdict(file.bytes) {
        case .success: #expect(file.code == nil)
        case .failure(let error): #expect(error.code == file.code, "\(error)")
        }
    }

    @Test("types that are not read are refused by name, with exit status 69")
    func names() throws {
        let expected: [(UInt32, String)] = [
            (4, "Q4_2"), (9, "Q8_1"), (16, "IQ2_XXS"), (23, "IQ4_XS"), (31, "Q4_0_4_4"),
            (35, "TQ2_0"), (39, "MXFP4"), (42, "number 42"),
        ]
        for (type, name) in expected {
            let result = verdict(GGUFSample.tensor([256], type: type, data: 1000))
            guard case .failure(let error) = result else {
                Issue.record("type \(type) was accepted")
                continue
            }
            #expect(error.reason.contains(" \(name) "), "\(error)")
            #expect(error.code.kind == .unsupported)
            #expect(error.place == "tensor \"t\"")
        }
    }

    @Test("errors name the file, the place and what to do")
    func places() {
        func text(_ bytes: [UInt8]) -> String {
            if case .failure(let error) = verdict(bytes) { "\(error)" } else { "" }
        }
        #expect(
            text(sample { $0.version = 3 << 24 }).hasPrefix(
                "memory: is a big-endian GGUF file, version 3, offset 4\nhint: "))
        #expect(text(sample { $0.version = 1 }).contains("version 1"))
        #expect(
            text(GGUFSample.field(.string, little(UInt64(9)), key: "x.y"))
                == "memory: a string of 9 bytes extends past the end of the file, key \"x.y\", "
                + "offset 39")
    }
}
