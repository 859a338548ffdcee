import SwiftletBytes
import Testing

@Suite("JSON")
struct JSONTests {
    private func parse(_ text: String) -> Result<JSONValue, SwiftletError> {
        do throws(SwiftletError) {
            return .success(try JSONValue.parse(ByteView(Array(text.utf8))))
        } catch {
            return .failure(error)
        }
    }

    @Test(
        "what RFC 8259 allows is read and written unchanged",
        arguments: [
            "null", "true", "false", "0", "-0", "1.5e+10", "-1E-2",
            "123456789012345678901234567890",
            "\"\"", "\"a\"", "[]", "{}", "[1,[2,{\"a\":[]}],null]", "{\"b\":1,\"a\":{\"c\":\"d\"}}",
            "\"é\u{1F600}\"",
        ])
    func valid(_ text: String) throws {
        #expect(try parse(text).get().text() == text)
        #expect(try parse(" \n\t\r\(text)\n").get().text() == text)
    }

    @Test(
        "what RFC 8259 forbids is refused",
        arguments: [
            "", " ", "nul", "True", "01", "-", "1.", ".5", "1e", "+1", "0x1", "NaN", "Infinity",
            "'a'",
            "\"", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"",
            "\"\n\"", "[", "[1", "[1,]", "[,1]", "[1 2]", "]", "{", "{\"a\"}", "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "1 2", "[]]", "\u{FEFF}1", "/**/1", "[1]//",
        ])
    func invalid(_ text: String) {
        #expect(parse(text) == .failure(SwiftletError(.json, "")))
    }

    @Test(
        "numbers that are not finite are read where they are allowed, as Python's json writes them")
    func nonFinite() throws {
        func parse(_ text: String) throws -> JSONValue {
            try JSONValue.parse(ByteView(Array(text.utf8)), allowsNonFinite: true)
        }
        #expect(try parse("NaN").double?.isNaN == true)
        #expect(try parse(" Infinity ").double == .infinity)
        #expect(try parse("[-Infinity,-1,0]")["a"] == nil)
        #expect(try parse("{\"a\":[-Infinity]}")["a"]?.array?.first?.double == -.infinity)
        #expect(try parse("NaN").int == nil && parse("-Infinity").excerpt == "-Infinity")
        for text in [
            "nan", "Nan", "NaNs", "Inf", "-Inf", "+Infinity", "-NaN", "N", "-", "-I", "infinity",
        ] {
            #expect(throws: SwiftletError(.json, ""), "\(text)") { try parse(text) }
        }
        var reader = JSONReader(
            ByteView(Array("[NaN,{\"a\":-Infinity}]".utf8)), allowsNonFinite: true)
        try reader.skipValue()
        try reader.finish()
    }

    @Test("escapes")
    func escapes() throws {
        let value = try parse(#""\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00""#).get()
        #expect(value.string == "\"\\/\u{8}\u{C}\n\r\tA\u{E9}\u{1F600}")
        let text = JSONValue.string("a\"\\\n\u{1}\u{7F}é").text()
        #expect(try parse(text).get().string == "a\"\\\n\u{1}\u{7F}é")
    }

    @Test("127 levels of nesting, read or skipped, and no more")
    func depth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
        }
        _ = try JSONValue.parse(ByteView(nested(127)))
        #expect(throws: SwiftletError(.json, "")) { try JSONValue.parse(ByteView(nested(128))) }
        var reader = JSONReader(ByteView(nested(127)))
        try reader.skipValue()
        try reader.finish()
        var deep = JSONReader(ByteView([UInt8](repeating: 0x5B, count: 1_000_000)))
        #expect(throws: SwiftletError(.json, "")) { try deep.skipValue() }
    }

    @Test("truncations and changed bytes are errors or values, and never trap")
    func mutations() {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",true,null],"é":{}}"#.utf8)
        for count in 0..<text.count {
            #expect(throws: SwiftletError.self) {
                try JSONValue.parse(ByteView(Array(text[..<count])))
            }
        }
        var bytes = text
        for position in text.indices {
            for value in UInt8.min...UInt8.max {
                bytes[position] = value
                if let read = try? JSONValue.parse(ByteView(bytes)) {
                    let again = try? JSONValue.parse(ByteView(Array(read.text().utf8)))
                    #expect(again == read)
                }
            }
            bytes[position] = text[position]
        }
    }

    @Test("numbers keep their text; integers that fit are Int")
    func numbers() throws {
        #expect(try parse("9223372036854775807").get().int == .max)
        #expect(try parse("9223372036854775808").get().int == nil)
        #expect(try parse("1.0").get().int == nil)
        #expect(try parse("1e400").get().double == .infinity)
        #expect(JSONValue(finite: Double.infinity) == .null)
        #expect(JSONValue(finite: Float(0.1)).text() == "0.1")
        var reader = JSONReader(ByteView(Array("12 1.5".utf8)))
        #expect(try reader.readInt() == 12)
        #expect(throws: SwiftletError(.jsonType, "")) { try reader.readInt() }
    }

    @Test("objects keep their order and report duplicate keys")
    func objects() throws {
        let value = try parse(#"{"z":1,"a":2,"z":3}"#).get()
        var object = try #require(value.object)
        #expect(object.pairs.map(\.key) == ["z", "a", "z"])
        #expect(object["z"]?.int == 3)
        #expect(object.duplicateKey == "z")
        object["a"] = .null
        object["new"] = .bool(true)
        #expect(object.pairs.map(\.key) == ["z", "a", "z", "new"])
        object["z"] = nil
        #expect(object.pairs.map(\.key) == ["a", "new"])
        #expect(object["new"]?.bool == true)
        #expect(
            JSONValue.object(["a": [1, 2].isEmpty ? .null : .array([])]).text() == #"{"a":[]}"#)
    }

    @Test("pretty text looks like Hugging Face's files")
    func pretty() {
        let value = JSONValue.object([
            "a": .array([JSONValue(1), .string("x")]), "b": .object([:]), "c": .array([]),
        ])
        #expect(
            value.text(pretty: true)
                == "{\n  \"a\": [\n    1,\n    \"x\"\n  ],\n  \"b\": {},\n  \"c\": []\n}")
    }

    @Test("errors name the offset")
    func places() {
        guard case .failure(let error) = parse(#"{"a": tru}"#) else {
            Issue.record("accepted")
            return
        }
        #expect(error.place == "offset 9")
    }
}
