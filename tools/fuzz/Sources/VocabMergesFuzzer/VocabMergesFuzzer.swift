import FuzzSupport
import SwiftletBytes
import SwiftletText
import TokenizerFuzzing

// The input is vocab.json, a zero byte, merges.txt, a zero byte, tokenizer_config.json.

nonisolated(unsafe) private let scratch = ScratchFolder()

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    examine(start, count, allowance: 32 << 20 + 512 * count) { input in
        let names = ["vocab.json", "merges.txt", "tokenizer_config.json"]
        guard scratch.write(partsOf: input, names) else { return .skipped }
        guard let tokenizer = tokenizer(scratch.path) else { return .examined }
        examineFixedText(tokenizer)
        return .examined
    }
}
