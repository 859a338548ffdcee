import SwiftletBytes
import SwiftletSafetensors
import Testing

/// A file and the expected verdict: an error code, or nil if the file is accepted.
struct LadderCase: Sendable, CustomTestStringConvertible {
    let what: String
    let bytes: [UInt8]
    let code: SwiftletError.Code?

    init(_ what: String, _ bytes: [UInt8], _ code: SwiftletError.Code?) {
        (self.what, self.bytes, self.code) = (what, bytes, code)
    }

    init(_ what: String, _ header: String, data: Int = 0, _ code: SwiftletError.Code?) {
        self.init(what, safetensors(header, data: data), code)
    }

    var testDescription: String { what }
}

/// A header with one tensor named `a`.
private func one(_ dtype: String, _ shape: String, _ offsets: String) -> String {
    #"{"a":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
}

private let plain = #"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#

/// A valid header with one more field in its tensor.
private func extra(_ field: String) -> String {
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],\#(field)}}"#
}

/// A valid header with nested arrays in an unknown field, `depth` levels deep including the two
/// objects around it.
private func nested(_ depth: Int) -> String {
    extra(
        "\"x\":" + String(repeating: "[", count: depth - 2)
            + String(repeating: "]", count: depth - 2))
}

/// Which files are accepted agrees with safetensors 0.8.0 (`safetensors.deserialize`), except for
/// duplicate names.
private let ladder: [LadderCase] = [
    // Header length.
    LadderCase("no bytes", [], .safetensorsTooShort),
    LadderCase("seven bytes", [0, 0, 0, 0, 0, 0, 0], .safetensorsTooShort),
    LadderCase(
        "length over the limit", [0x01, 0xE1, 0xF5, 0x05, 0, 0, 0, 0], .safetensorsHeaderTooLarge),
    LadderCase(
        "length at the limit", [0x00, 0xE1, 0xF5, 0x05, 0, 0, 0, 0], .safetensorsHeaderPastEnd),
    LadderCase("length 2^63", [0, 0, 0, 0, 0, 0, 0, 0x80], .safetensorsHeaderTooLarge),
    LadderCase("length 2^64 - 1", [UInt8](repeating: 255, count: 8), .safetensorsHeaderTooLarge),
    LadderCase(
        "header one byte short", [3, 0, 0, 0, 0, 0, 0, 0] + "{}".utf8, .safetensorsHeaderPastEnd),
    // Header text.
    LadderCase("an invalid byte", safetensors([0x7B, 0xFF, 0x7D]), .safetensorsHeaderNotUTF8),
    LadderCase("empty header", "", .safetensorsHeaderNotJSON),
    LadderCase("a trailing NUL", "{}\0", .safetensorsHeaderNotJSON),
    LadderCase("two values", "{}{}", .safetensorsHeaderNotJSON),
    LadderCase("a byte order mark", "\u{FEFF}{}", .safetensorsHeaderNotJSON),
    LadderCase("a raw tab in a name", "{\"a\tb\":\(plain)}", data: 4, .safetensorsHeaderNotJSON),
    LadderCase("a leading zero", one("F32", "[01]", "[0,4]"), data: 4, .safetensorsHeaderNotJSON),
    LadderCase("128 levels", nested(128), data: 4, .safetensorsHeaderNotJSON),
    LadderCase("a lone surrogate", extra(#""x":"\ud800""#), data: 4, .safetensorsHeaderNotJSON),
    LadderCase("a number beyond double", extra(#""x":1e400"#), data: 4, .safetensorsHeaderNotJSON),
    LadderCase("a list", "[]", .safetensorsHeaderNotObject),
    // Names and metadata.
    LadderCase(
        "a duplicate name", "{\"a\":\(plain),\"a\":\(plain)}", data: 4, .safetensorsDuplicateKey),
    LadderCase(
        "a duplicate name, once escaped", "{\"a\":\(plain),\"\\u0061\":\(plain)}", data: 4,
        .safetensorsDuplicateKey),
    LadderCase(
        "duplicate metadata", #"{"__metadata__":{},"__metadata__":{}}"#, .safetensorsDuplicateKey),
    LadderCase(
        "a duplicate metadata key", #"{"__metadata__":{"a":"1","a":"2"}}"#, .safetensorsDuplicateKey
    ),
    LadderCase("a duplicate field", extra(#""shape":[1]"#), data: 4, .safetensorsDuplicateKey),
    LadderCase("a number in the metadata", #"{"__metadata__":{"a":1}}"#, .safetensorsMetadata),
    LadderCase("metadata is an array", #"{"__metadata__":[]}"#, .safetensorsMetadata),
    // Entries.
    LadderCase("an entry is null", #"{"a":null}"#, .safetensorsEntry),
    LadderCase(
        "no dtype", #"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, data: 4, .safetensorsEntry),
    LadderCase(
        "no shape", #"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, data: 4, .safetensorsEntry),
    LadderCase("no offsets", #"{"a":{"dtype":"F32","shape":[1]}}"#, data: 4, .safetensorsEntry),
    LadderCase("three offsets", one("F32", "[1]", "[0,4,4]"), data: 4, .safetensorsEntry),
    LadderCase("one offset", one("F32", "[1]", "[0]"), data: 4, .safetensorsEntry),
    LadderCase("a fraction", one("F32", "[1.0]", "[0,4]"), data: 4, .safetensorsEntry),
    LadderCase("an exponent", one("F32", "[1e0]", "[0,4]"), data: 4, .safetensorsEntry),
    LadderCase("a negative length", one("F32", "[-1]", "[0,4]"), data: 4, .safetensorsEntry),
    LadderCase("minus zero", one("F32", "[-0]", "[0,0]"), .safetensorsEntry),
    LadderCase(
        "a length of 2^64", one("F32", "[0,18446744073709551616]", "[0,0]"), .safetensorsEntry),
    LadderCase("a length in quotes", one("F32", "[\"1\"]", "[0,4]"), data: 4, .safetensorsEntry),
    LadderCase("shape is null", one("F32", "null", "[0,4]"), data: 4, .safetensorsEntry),
    LadderCase("a fourth field", #"{"a":["F32",[1],[0,4],1]}"#, data: 4, .safetensorsEntry),
    LadderCase(
        "dtype is an array", #"{"a":{"dtype":[],"shape":[1],"data_offsets":[0,4]}}"#, data: 4,
        .safetensorsEntry),
    LadderCase(
        "dtype is an object with a value", #"{"a":[{"F32":{}},[1],[0,4]]}"#, data: 4,
        .safetensorsEntry),
    LadderCase("an unknown dtype", one("F7", "[1]", "[0,4]"), data: 4, .safetensorsUnknownDType),
    LadderCase(
        "a lower-case dtype", one("f32", "[1]", "[0,4]"), data: 4, .safetensorsUnknownDType),
    // Layout.
    LadderCase("a gap at the start", one("F32", "[1]", "[4,8]"), data: 8, .safetensorsOffsets),
    LadderCase("offsets reversed", one("F32", "[1]", "[4,0]"), data: 4, .safetensorsOffsets),
    LadderCase(
        "an overlap", #"{"a":["U8",[2],[0,2]],"b":["U8",[2],[1,3]]}"#, data: 3, .safetensorsOffsets),
    LadderCase(
        "a gap in the middle", #"{"a":["U8",[1],[0,1]],"b":["U8",[1],[2,3]]}"#, data: 3,
        .safetensorsOffsets),
    LadderCase(
        "two tensors at the same offsets", #"{"a":["U8",[1],[0,1]],"b":["U8",[1],[0,1]]}"#, data: 1,
        .safetensorsOffsets),
    LadderCase(
        "element count overflows", one("F32", "[9223372036854775808,2,0]", "[0,0]"),
        .safetensorsOverflow),
    LadderCase(
        "bit count overflows", one("F32", "[1152921504606846976]", "[0,4]"), data: 4,
        .safetensorsOverflow
    ),
    LadderCase("half a byte", one("F4", "[3]", "[0,1]"), data: 1, .safetensorsPartialByte),
    LadderCase("six bits in no byte", one("F6_E3M2", "[1]", "[0,0]"), .safetensorsPartialByte),
    LadderCase("too few bytes", one("F32", "[2]", "[0,4]"), data: 4, .safetensorsSize),
    LadderCase("too many bytes", one("F32", "[0]", "[0,4]"), data: 4, .safetensorsSize),
    LadderCase("a trailing byte", one("F32", "[1]", "[0,4]"), data: 5, .safetensorsDataEnd),
    LadderCase("a missing byte", one("F32", "[1]", "[0,4]"), data: 3, .safetensorsDataEnd),
    LadderCase(
        "exabytes", one("F32", "[288230376151711744]", "[0,1152921504606846976]"),
        .safetensorsDataEnd),
    LadderCase("data without tensors", "{}", data: 1, .safetensorsDataEnd),
    // Accepted.
    LadderCase("no tensors", "{}", nil),
    LadderCase("one tensor", "{\"a\":\(plain)}", data: 4, nil),
    LadderCase("leading white space", " \n\t\r{\"a\":\(plain)}", data: 4, nil),
    LadderCase("trailing white space", "{\"a\":\(plain)} \n\t\r", data: 4, nil),
    LadderCase("127 levels", nested(127), data: 4, nil),
    LadderCase("unknown fields", extra(#""x":[1,{"y":null}],"x":1e-400"#), data: 4, nil),
    LadderCase("metadata is null", #"{"__metadata__":null}"#, nil),
    LadderCase("the metadata key escaped", #"{"\u005f_metadata__":{"a":"b"}}"#, nil),
    LadderCase("dtype in serde's object form", #"{"a":[{"F32":null},[1],[0,4]]}"#, data: 4, nil),
    LadderCase("fields as an array", #"{"a":["F32",[1],[0,4]]}"#, data: 4, nil),
    LadderCase("a scalar", one("F32", "[]", "[0,4]"), data: 4, nil),
    LadderCase("empty tensors", #"{"a":["F32",[0],[0,0]],"b":["F32",[0],[0,0]]}"#, nil),
    LadderCase(
        "an empty tensor with a large dimension", one("F32", "[4611686018427387904,2,0]", "[0,0]"),
        nil),
    LadderCase("two elements per byte", one("F4", "[2]", "[0,1]"), data: 1, nil),
    LadderCase("four elements in three bytes", one("F6_E2M3", "[4]", "[0,3]"), data: 3, nil),
    LadderCase(
        "header not in data order", #"{"b":["U8",[1],[1,2]],"a":["U8",[1],[0,1]]}"#, data: 2, nil),
    LadderCase(
        "names that differ in normalization",
        "{\"\u{E9}\":[\"U8\",[1],[0,1]],\"e\u{301}\":[\"U8\",[1],[1,2]]}", data: 2, nil),
]

@Suite("Verdicts on safetensors files")
struct SafetensorsLadderTests {
    @Test("every check gives its verdict", arguments: ladder)
    func rung(_ item: LadderCase) {
        switch verdict(item.bytes) {
        case .success: #expect(item.code == nil)
        case .failure(let error): #expect(error.code == item.code, "\(error)")
        }
    }

    @Test("a dimension beyond Int is refused even in an empty tensor")
    func dimensionBeyondInt() {
        // The reference accepts this file, because it counts in unsigned 64-bit integers.
        let bytes = safetensors(one("F32", "[0,9223372036854775808]", "[0,0]"))
        #expect(verdict(bytes) == .failure(SwiftletError(.safetensorsOverflow, "")))
    }

    @Test("an error names the file and the tensor")
    func place() {
        let bytes = safetensors(one("F32", "[2]", "[0,4]"), data: 4)
        do throws(SwiftletError) {
            _ = try SafetensorsFile(view: ByteView(bytes), path: "x.safetensors")
            Issue.record("accepted")
        } catch {
            #expect(
                error.description
                    == "x.safetensors: shape [2] of F32 takes 8 bytes, but the offsets span 4, "
                    + "tensor \"a\"")
            #expect(error.code.kind.rawValue == 65)
        }
    }
}
