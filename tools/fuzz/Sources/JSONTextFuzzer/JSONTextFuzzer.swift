import FuzzSupport
import SwiftletBytes

// Values are the same after writing and reading; skipping a value checks the same rules as reading
// it; lines are parts of the text, in order and without overlap.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // A tree of the shortest values is far larger than its text: one node per two bytes.
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
    let skipped: Void? = verdict(["json.", "text."]) { () throws(SwiftletError) in
        var reader = JSONReader(input)
        try reader.skipValue()
        try reader.finish()
    }
    require((value == nil) == (skipped == nil), "skipping and reading have different verdicts")
    guard let value else { return }
    for pretty in [false, true] {
        let text = value.text(pretty: pretty)
        guard let again = try? JSONValue.parse(ByteView(Array(text.utf8))) else {
            fatalError("the written text is refused")
        }
        require(again == value, "the written text has another value")
        require(again.text(pretty: pretty) == text, "writing again gives another text")
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
