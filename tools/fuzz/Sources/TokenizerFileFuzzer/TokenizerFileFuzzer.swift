import FuzzSupport
import SwiftletBytes
import SwiftletText
import TokenizerFuzzing

// The input is a tokenizer.json without other files.

nonisolated(unsafe) private let scratch = ScratchFolder()

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The tables of a vocabulary and the caches of the encoder take several megabytes at least.
    examine(start, count, allowance: 32 << 20 + 512 * count) { input in
        scratch.write(input, "tokenizer.json")
        guard let tokenizer = tokenizer(scratch.file("tokenizer.json")) else { return .examined }
        examineFixedText(tokenizer)
        return .examined
    }
}
