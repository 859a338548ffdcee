import SwiftletBytes

/// The normalizer of a `tokenizer.json`: its steps, in order.
struct GeneralNormalizer: Sendable {
    /// Reads the value of the key `normalizer`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` naming a step that is
    ///   not supported.
    init(_ fields: JSONFields) throws(SwiftletError) {
        throw fields.unsupported("type", try fields.string("type") ?? "a normalizer without a type")
    }
}
