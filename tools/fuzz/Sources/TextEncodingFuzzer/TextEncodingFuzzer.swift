import FuzzSupport
import SwiftletBytes
import SwiftletText
import TokenizerFuzzing

// The input is a text for a fixed tokenizer. UTF-8 is restored byte for byte, anything else is
// refused.

private let fixed = tokenizer("\(repository)/fixtures/bpe-small")

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let fixed else { fatalError("fixtures/bpe-small cannot be read") }
    return examine(start, count, allowance: 16 << 20 + 256 * count) { input in
        let isUTF8 = String(validating: input.copy(), as: UTF8.self) != nil
        do {
            let decoded = try examine(fixed, input)
            require(isUTF8, "bytes that are not UTF-8 were encoded")
            require(decoded.utf8.elementsEqual(input.copy()), "the text is not restored")
        } catch let error as SwiftletError {
            require(!isUTF8 && error.code == .notUTF8, "\(error)")
        } catch {
            fatalError("\(error)")
        }
        return .examined
    }
}
