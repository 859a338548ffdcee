import FuzzSupport
import SwiftletBytes

// What is read is written and read back to the same; a value that is passed over is held to the
// same rules as one that is read; lines lie in the text, in order, and hold every byte but blank
// ones.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // A tree of the shortest values is far larger than its text: a node for each two bytes.
    examine(start, count, allowance: 1 << 20 + 256 * count) { input in
        examineValue(input)
        examineLines(input)
        return .examined
    }
}

private func examineValue(_ input: ByteView) {
    let value = verdict(["json.", "text."]) { () throws(SwiftletError) in
        try JSONValue.parse(input)
    }
    let passed: Void? = verdict(["json.", "text."]) { () throws(SwiftletError) in
        var reader = JSONReader(input)
        try reader.skipValue()
        try reader.finish()
    }
    require((value == nil) == (passed == nil), "passing over has another verdict than reading")
    guard let value else { return }
    for pretty in [false, true] {
        let text = value.text(pretty: pretty)
        guard let again = try? JSONValue.parse(ByteView(Array(text.utf8))) else {
            fatalError("what was written is refused")
        }
        require(again == value, "what was written is another value")
        require(again.text(pretty: pretty) == text, "written again it is another text")
    }
}

private func examineLines(_ input: ByteView) {
    var covered = 0
    var last = 0
    for line in JSONLines(input) {
        require(line.number > last, "line \(line.number) comes after \(last)")
        require(line.text.owner === input.owner, "a line was copied")
        last = line.number
        covered += line.text.count
        _ = verdict(["json.", "text."]) { () throws(SwiftletError) in
            try JSONValue.parse(line.text)
        }
    }
    require(covered <= input.count, "lines overlap")
}
