import FuzzSupport
import SwiftletBytes
import SwiftletSentencePiece
import SwiftletText
import TokenizerFuzzing

// The input is a tokenizer.model. If its length is odd, it is read from a folder whose configuration
// selects the newer behaviour of LlamaTokenizer, otherwise by itself.

nonisolated(unsafe) private let scratch: ScratchFolder = {
    let folder = ScratchFolder()
    folder.write(
        ByteView(Array(#"{"tokenizer_class":"LlamaTokenizer","legacy":false}"#.utf8)),
        "tokenizer_config.json")
    return folder
}()

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    examine(start, count, allowance: 32 << 20 + 512 * count) { input in
        scratch.write(input, "tokenizer.model")
        let path = count % 2 == 1 ? scratch.path : scratch.file("tokenizer.model")
        guard
            let tokenizer = tokenizer(
                path, alsoRefusing: ["sentencepiece."], sentencePiece: .library)
        else {
            return .examined
        }
        examineFixedText(tokenizer, .ordered)
        return .examined
    }
}
