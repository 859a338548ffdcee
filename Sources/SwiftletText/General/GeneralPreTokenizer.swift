import SwiftletBytes

/// The pre-tokenizer of a `tokenizer.json`: its steps, in order.
struct GeneralPreTokenizer: Sendable {
    /// Reads the value of the key `pre_tokenizer`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` naming a step that is
    ///   not supported.
    init(_ fields: JSONFields) throws(SwiftletError) {
        throw fields.unsupported(
            "type", try fields.string("type") ?? "a pre-tokenizer without a type")
    }
}
