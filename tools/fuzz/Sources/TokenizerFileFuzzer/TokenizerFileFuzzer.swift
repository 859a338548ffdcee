import FuzzSupport
import SwiftletBytes
import SwiftletText
import TokenizerFuzzing

// The input is a tokenizer.json that stands alone.

nonisolated(unsafe) private let scratch = ScratchFolder()

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Tables of a vocabulary and the encoder's caches have a floor of some MB.
    examine(start, count, allowance: 32 << 20 + 512 * count) { input in
        scratch.write(input, "tokenizer.json")
        guard let tokenizer = tokenizer(scratch.file("tokenizer.json")) else { return .examined }
        examineFixedText(tokenizer)
        return .examined
    }
}
