import SwiftletBytes
import SwiftletText
import _SwiftletTestSupport

extension SmallVocabulary {
    /// The tokenizer with further added tokens.
    static func adding(_ tokens: [JSONObject]) throws -> TextTokenizer {
        try TextTokenizer(path: addingTokens(tokens).path)
    }
}
