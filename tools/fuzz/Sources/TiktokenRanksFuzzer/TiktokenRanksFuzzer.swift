import FuzzSupport
import SwiftletBytes
import SwiftletText
import TokenizerFuzzing

// The input is qwen.tiktoken, a zero byte, tokenizer_config.json.

nonisolated(unsafe) private let scratch = ScratchFolder()

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    examine(start, count, allowance: 32 << 20 + 512 * count) { input in
        guard scratch.write(partsOf: input, ["qwen.tiktoken", "tokenizer_config.json"]) else {
            return .skipped
        }
        guard let tokenizer = tokenizer(scratch.path) else { return .examined }
        examineFixedText(tokenizer)
        return .examined
    }
}
