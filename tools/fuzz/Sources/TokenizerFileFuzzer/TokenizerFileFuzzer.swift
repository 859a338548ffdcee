import FuzzSupport
import SwiftletBytes
import SwiftletText
import TokenizerFuzzing

// The input is a tokenizer.json without other files, or what its bytes show that it is.

nonisolated(unsafe) private let scratch = ScratchFolder()

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The tables of a vocabulary and the caches of the encoder take several megabytes at least.
    examine(start, count, allowance: 32 << 20 + 512 * count) { input in
        scratch.write(input, "tokenizer.json")
        let path = scratch.file("tokenizer.json")
        guard let tokenizer = tokenizer(path, alsoRefusing: ["gguf.", "sentencepiece."]) else {
            return .examined
        }
        // Most files with damage in them are read by the general path, which has the reference's offsets.
        examineFixedText(tokenizer, .inside)
        return .examined
    }
}
