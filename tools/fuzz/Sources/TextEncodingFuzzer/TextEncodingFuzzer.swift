import FuzzSupport
import SwiftletBytes
import SwiftletText
import TokenizerFuzzing

// A text for a fixed tokenizer: what is UTF-8 comes back byte for byte, what is not is refused.

private let fixed = tokenizer("\(repository)/fixtures/bpe-small")

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let fixed else { fatalError("fixtures/bpe-small is not read") }
    return examine(start, count, allowance: 16 << 20 + 256 * count) { input in
        let isUTF8 = String(validating: input.copy(), as: UTF8.self) != nil
        do {
            let decoded = try examine(fixed, input)
            require(isUTF8, "bytes that are no UTF-8 were encoded")
            require(decoded.utf8.elementsEqual(input.copy()), "the text does not come back")
        } catch let error as SwiftletError {
            require(!isUTF8 && error.code == .notUTF8, "\(error)")
        } catch {
            fatalError("\(error)")
        }
        return .examined
    }
}
