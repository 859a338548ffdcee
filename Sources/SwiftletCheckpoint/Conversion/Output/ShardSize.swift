import SwiftletBytes

/// The maximum size of a weight file, beyond which another file is started.
public struct ShardSize: Sendable, Equatable {
    /// The maximum number of bytes of a file's tensors.
    ///
    /// A single tensor that is larger gets its own file.
    public let bytes: Int

    /// Creates a size of at least 1 byte.
    public init(bytes: Int) {
        precondition(bytes > 0, "a shard must have room for a byte")
        self.bytes = bytes
    }

    /// Reads a size as huggingface_hub does: a number, which may have a fraction or an exponent,
    /// and `KB`, `MB`, `GB` or `TB` (powers of 1000) in any case.
    ///
    /// A fraction of a byte is dropped.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage``.
    public init(_ text: String) throws(SwiftletError) {
        let units = ["TB": 1e12, "GB": 1e9, "MB": 1e6, "KB": 1e3]
        let trimmed = Self.trimmed(text[...])
        guard let unit = units[trimmed.suffix(2).uppercased()],
            let number = Double(Self.trimmed(trimmed.dropLast(2)))
        else {
            throw SwiftletError(
                .usage, "\"\(text)\" is not a size such as 500MB",
                hint: "units are KB, MB, GB and TB, powers of 1000")
        }
        guard let bytes = Int(exactly: (number * unit).rounded(.towardZero)), bytes > 0 else {
            throw SwiftletError(.usage, "\"\(text)\" is out of range for a file size")
        }
        self.bytes = bytes
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
