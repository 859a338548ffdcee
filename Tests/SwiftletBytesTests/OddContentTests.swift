import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// Bytes that are not what a file's name says, and encodings of text.
struct OddContentTests {
    private func bytes(_ text: String) -> ByteView { ByteView(Array(text.utf8)) }

    @Test("every float of 8 bits becomes the single that PyTorch makes of it")
    func eightBitFloats() throws {
        let golden = try GoldenFile.json("cast-dtypes/golden.json")
        let dtypes: [DType] = [.f8e4m3, .f8e5m2, .f8e4m3fnuz, .f8e5m2fnuz, .f8e8m0]
        for dtype in dtypes {
            let singles = try #require(EightBitFloat.singles(dtype))
            #expect(try singles.map(Int.init) == golden.ints(dtype.rawValue), "\(dtype.rawValue)")
        }
        #expect(EightBitFloat.singles(.i8) == nil)
    }

    @Test("integers, doubles and truth values are rounded to singles")
    func singles() throws {
        func values(_ dtype: DType, _ bytes: [UInt8]) throws -> [Float] {
            let size = try #require(dtype.byteCount)
            let tensor = StoredTensor(
                name: "x", dtype: dtype, shape: [bytes.count / size], bytes: ByteView(bytes),
                file: "")
            return try #require(tensor.inSinglePrecision).floats()
        }
        #expect(try values(.bool, [0, 1, 1]) == [0, 1, 1])
        #expect(try values(.i8, [0xFF, 0x80, 5]) == [-1, -128, 5])
        #expect(try values(.u16, [0xFF, 0xFF]) == [65535])
        // 2^24 + 1 and 2^24 + 3 lie between singles: to even.
        #expect(try values(.i32, [1, 0, 0, 1, 3, 0, 0, 1]) == [16_777_216, 16_777_220])
        #expect(try values(.i64, Array(repeating: 0xFF, count: 8)) == [-1])
        #expect(try values(.u64, Array(repeating: 0xFF, count: 8)) == [0x1p64])
        #expect(try values(.f64, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F]) == [1.5])
        #expect(SinglePrecision(.c64) == nil && SinglePrecision(.f4) == nil)
    }

    @Test("the byte order mark of UTF-8 is skipped, and wide encodings are named")
    func encodings() throws {
        let text = "{\"a\": 1}"
        #expect(try EncodingMark.skip(ByteView([0xEF, 0xBB, 0xBF] + Array(text.utf8))).count == 8)
        #expect(try EncodingMark.skip(bytes(text)).count == 8)
        #expect(try EncodingMark.skip(bytes("1")).count == 1)
        func wide(_ size: Int, littleEndian: Bool, mark: Bool) -> ByteView {
            let scalars = (mark ? [0xFEFF] : []) + text.unicodeScalars.map { Int($0.value) }
            return ByteView(
                scalars.flatMap { scalar -> [UInt8] in
                    let unit = (0..<size).map { UInt8(truncatingIfNeeded: scalar >> (8 * $0)) }
                    return littleEndian ? unit : unit.reversed()
                })
        }
        for mark in [true, false] {
            for littleEndian in [true, false] {
                for (size, name) in [(2, "UTF-16"), (4, "UTF-32")] {
                    let view = wide(size, littleEndian: littleEndian, mark: mark)
                    let error = #expect(throws: SwiftletError.self) {
                        try EncodingMark.skip(view)
                    }
                    #expect(error?.code == .notUTF8)
                    #expect(error?.reason.contains(name) == true, "\(size) \(littleEndian) \(mark)")
                    #expect(error?.hint?.contains("iconv -f \(name)") == true)
                }
            }
        }
        // The length of a short safetensors header is no character.
        #expect(try EncodingMark.skip(ByteView([0x50, 0, 0, 0, 0, 0, 0, 0, 0x7B])).count == 9)
    }

    @Test(
        "what a failed download leaves is named with what to do",
        arguments: [
            ("", "empty", "pull"),
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4711\n", "4711",
                "git lfs pull"
            ),
            ("<!DOCTYPE html><html></html>", "web page", "pull"),
            ("\n  <HTML>", "web page", "pull"),
            ("<?xml version=\"1.0\"?><Error/>", "web page", "pull"),
            ("Invalid username or password.", "answer of a server", "pull"),
            ("\u{1F}\u{8B}\u{8}", "", ""),
        ])
    func foreignContent(_ text: String, _ reason: String, _ hint: String) {
        guard !reason.isEmpty else {
            let error = #expect(throws: SwiftletError.self) {
                try ForeignContent.refuse(ByteView([0x1F, 0x8B, 8, 0]), file: "x")
            }
            #expect(error?.reason.contains("gzip") == true)
            #expect(error?.hint?.contains("gzip -d") == true)
            return
        }
        let error = #expect(throws: SwiftletError.self) {
            try ForeignContent.refuse(bytes(text), file: "config.json")
        }
        #expect(error?.code == .foreignContent)
        #expect(error?.reason.contains(reason) == true)
        #expect(error?.hint?.contains(hint) == true)
    }

    @Test("a tar archive is named, except those that PyTorch wrote itself")
    func tarArchives() {
        func tar(_ name: String) -> ByteView {
            var header = [UInt8](repeating: 0, count: 512)
            header.replaceSubrange(0..<name.utf8.count, with: name.utf8)
            header.replaceSubrange(257..<262, with: "ustar".utf8)
            return ByteView(header)
        }
        #expect(ForeignContent(tar("model/config.json")) != nil)
        #expect(ForeignContent(tar("sys_info")) == nil)
    }

    @Test("ordinary beginnings of JSON and of weights are nothing foreign")
    func ordinaryContent() throws {
        for text in ["{", "[1]", " \n{\"a\": 1}", "Not a model at all, but prose"] {
            #expect(ForeignContent(bytes(text)) == nil, "\(text)")
        }
        for name in ["gpt2-tiny/model.safetensors", "gpt2-tiny-f16-bin/pytorch_model.bin"] {
            let file = try MappedFile(path: TestFiles.fixture(name))
            #expect(ForeignContent(file.bytes) == nil, "\(name)")
        }
    }

    @Test("a JSON file may have a mark and bare NaN where nothing reads it")
    func jsonFiles() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("a.json")
        try AtomicFile.write(
            [0xEF, 0xBB, 0xBF] + Array("{\"a\": [NaN, -Infinity], \"b\": 2}".utf8), to: path)
        let value = try JSONValue.read(path: path)
        #expect(value["b"]?.int == 2)
        #expect(value["a"]?.isStandard == false && value["b"]?.isStandard == true)
        let fields = try JSONFields(
            JSONValue.read(path: path), file: path, code: .json)
        let error = #expect(throws: SwiftletError.self) {
            try fields.elements("a", as: "finite", \.finite)
        }
        #expect(error?.description.contains("NaN is not finite") == true)
        #expect(error?.description.contains("key \"a\"") == true)
        try AtomicFile.write([], to: path)
        #expect(throws: SwiftletError(.foreignContent, "")) { try JSONValue.read(path: path) }
    }
}
