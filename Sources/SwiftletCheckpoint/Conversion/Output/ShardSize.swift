import SwiftletBytes

/// How large a weight file may become before another is begun.
public struct ShardSize: Sendable, Equatable {
    /// The bytes of tensors that a file may hold; one tensor that is larger gets a file of its own.
    public let bytes: Int

    /// A size in bytes, at least 1.
    public init(bytes: Int) {
        precondition(bytes > 0, "a shard has room for something")
        self.bytes = bytes
    }

    /// A size as huggingface_hub reads it: a number and `KB`, `MB`, `GB` or `TB`, powers of 1000,
    /// in any case, the number also with fraction or exponent; what is left of a byte is cut off.
    ///
    /// - Throws: ``SwiftletError/Code/usage``.
    public init(_ text: String) throws(SwiftletError) {
        let units = ["TB": 1e12, "GB": 1e9, "MB": 1e6, "KB": 1e3]
        let trimmed = Self.trimmed(text[...])
        guard let unit = units[trimmed.suffix(2).uppercased()],
            let number = Double(Self.trimmed(trimmed.dropLast(2)))
        else {
            throw SwiftletError(
                .usage, "\"\(text)\" is no size such as 500MB",
                hint: "units are KB, MB, GB and TB, powers of 1000")
        }
        guard let bytes = Int(exactly: (number * unit).rounded(.towardZero)), bytes > 0 else {
            throw SwiftletError(.usage, "\"\(text)\" is no possible size of a file")
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
