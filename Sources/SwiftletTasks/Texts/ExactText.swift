/// A text that equals another only if its scalars do.
///
/// Swift compares strings by canonical equivalence; file names, slot types and fillers are compared
/// as written.
package struct ExactText: Sendable, Hashable {
    /// The text.
    package let text: String

    /// Creates an exact text.
    package init(_ text: String) { self.text = text }

    /// Compares scalars.
    package static func == (a: ExactText, b: ExactText) -> Bool {
        a.text.utf8.elementsEqual(b.text.utf8)
    }

    /// Hashes the scalars.
    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        // No UTF-8 text has this byte.
        hasher.combine(0xFF as UInt8)
    }
}
