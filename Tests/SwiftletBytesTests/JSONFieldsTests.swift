import SwiftletBytes
import Testing

@Suite("JSON fields")
struct JSONFieldsTests {
    private static let code = SwiftletError.Code.usage

    private func fields(
        _ text: String, refusesDuplicates: Bool = false
    ) throws(SwiftletError) -> JSONFields {
        try JSONFields(
            JSONValue.parse(ByteView(Array(text.utf8))), file: "f.json", code: Self.code,
            refusesDuplicates: refusesDuplicates)
    }

    /// Expects an error with the file, the fields' code and a place.
    private func expectError(
        at place: String?, _ reason: String = "",
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () throws(SwiftletError) -> Void
    ) {
        do throws(SwiftletError) {
            try body()
            Issue.record("no error", sourceLocation: sourceLocation)
        } catch {
            #expect(error.code == Self.code, sourceLocation: sourceLocation)
            #expect(error.file == "f.json", sourceLocation: sourceLocation)
            #expect(error.place == place, sourceLocation: sourceLocation)
            #expect(
                reason.isEmpty || error.reason.contains(reason), "\(error.reason)",
                sourceLocation: sourceLocation)
        }
    }

    @Test("values of the expected type")
    func values() throws {
        let fields = try fields(
            #"{"s":"a","b":false,"i":7,"n":0.5,"a":[1,2],"t":["x"],"o":{"k":1},"l":[{},{"k":2}]}"#)
        #expect(try fields.string("s") == "a")
        #expect(try fields.bool("b") == false)
        #expect(try fields.int("i", in: 7...7) == 7)
        #expect(try fields.positive("n") == 0.5)
        #expect(try fields.array("a")?.count == 2)
        #expect(try fields.elements("a", as: "a token id", \.nonNegativeInt32) == [1, 2])
        #expect(try fields.strings("t") == ["x"])
        #expect(try fields.fields("o")?.int("k", in: 0...9) == 1)
        #expect(try fields.list("l")?.count == 2)
        #expect(try fields.required("s", fields.string) == "a")
    }

    @Test("missing and null keys", arguments: ["{}", #"{"k":null}"#])
    func missing(_ text: String) throws {
        let fields = try fields(text)
        #expect(fields["k"] == nil)
        #expect(try fields.string("k") == nil)
        #expect(try fields.string("k", default: "x") == "x")
        #expect(try fields.bool("k", default: true))
        #expect(try fields.positive("k", default: 2) == 2)
        #expect(try fields.int("k", in: 0...1) == nil)
        #expect(try fields.elements("k", as: "", \.int) == nil)
        #expect(try fields.fields("k") == nil)
        #expect(try fields.list("k") == nil)
        expectError(at: "key \"k\"", "missing") { () throws(SwiftletError) in
            _ = try fields.required("k", fields.string)
        }
    }

    @Test("values of other types are named with their key")
    func wrong() throws {
        let fields = try fields(
            #"{"s":1,"b":"true","i":1.5,"z":0,"big":1e999,"a":{},"e":[1,-1],"o":{"k":[{"x":0}]}}"#)
        expectError(at: "key \"s\"", "1 is not a string") { () throws(SwiftletError) in
            _ = try fields.string("s")
        }
        expectError(at: "key \"b\"") { () throws(SwiftletError) in _ = try fields.bool("b") }
        expectError(at: "key \"i\"", "1.5") { () throws(SwiftletError) in
            _ = try fields.int("i", in: 0...9)
        }
        expectError(at: "key \"z\"", "from 1 to 9") { () throws(SwiftletError) in
            _ = try fields.int("z", in: 1...9)
        }
        for key in ["z", "big"] {
            expectError(at: "key \"\(key)\"") { () throws(SwiftletError) in
                _ = try fields.positive(key)
            }
        }
        expectError(at: "key \"a\"", "an array") { () throws(SwiftletError) in
            _ = try fields.array("a")
        }
        expectError(at: "key \"e\", element 1", "-1 is not a token id") {
            () throws(SwiftletError) in
            _ = try fields.elements("e", as: "a token id", \.nonNegativeInt32)
        }
        expectError(at: "key \"o.k[0].x\"") { () throws(SwiftletError) in
            _ = try fields.fields("o")?.list("k")?.first?.string("x")
        }
        expectError(at: nil, "is not an object") { () throws(SwiftletError) in
            _ = try self.fields("[]")
        }
    }

    @Test("duplicate keys, here and inside")
    func duplicates() throws {
        let text = #"{"o":{"a":1,"a":2}}"#
        #expect(try fields(text).fields("o")?.int("a", in: 0...9) == 2)
        let strict = try fields(text, refusesDuplicates: true)
        expectError(at: "key \"o.a\"", "duplicate") { () throws(SwiftletError) in
            _ = try strict.fields("o")
        }
    }

    @Test("long values are cut off in errors")
    func excerpts() throws {
        let fields = try fields("{\"k\":[\"" + String(repeating: "e\u{301}", count: 5000) + "\"]}")
        expectError(at: "key \"k\"", "… is not a string") { () throws(SwiftletError) in
            _ = try fields.string("k")
        }
        #expect(fields.object["k"]?.excerpt.unicodeScalars.count == 61)
    }
}
