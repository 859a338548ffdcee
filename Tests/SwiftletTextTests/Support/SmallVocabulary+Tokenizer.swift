import SwiftletBytes
import SwiftletText
import _SwiftletTestSupport

extension SmallVocabulary {
    /// The tokenizer with further added tokens.
    static func adding(_ tokens: [JSONObject]) throws -> TextTokenizer {
        // The folder must outlive the reading of its files.
        let folder = try addingTokens(tokens)
        return try withExtendedLifetime(folder) { try TextTokenizer(path: folder.path) }
    }
}
