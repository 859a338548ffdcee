import CSwiftletUnicode

/// A string that is not empty and whose occurrences in a text do not overlap: each begins at or
/// after the end of the one before (Knuth, Morris and Pratt 1977).
///
/// The time for a text is linear in its length. Most of it is spent in the search for the string's
/// first byte; where one is found, the bytes after it are compared, and those that are equal are
/// never compared again.
struct LiteralPattern: Sendable {
    let bytes: [UInt8]
    private let first: UInt8
    /// For each number of bytes at the beginning of the string, from 1, the length of the longest
    /// proper beginning that they also end with.
    private let borders: [Int]

    /// Creates a pattern; nil for an empty string.
    init?(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return nil }
        (self.bytes, self.first) = (bytes, first)
        var borders = [0]
        borders.reserveCapacity(bytes.count)
        var border = 0
        for byte in bytes.dropFirst() {
            while border > 0, bytes[border] != byte { border = borders[border - 1] }
            if bytes[border] == byte { border += 1 }
            borders.append(border)
        }
        self.borders = borders
    }

    /// Calls `body` with each occurrence in a text, from left to right.
    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        guard let base = text.baseAddress else { return }
        // Where the next occurrence may begin, and how many of its bytes are known to be there.
        var position = 0
        var matched = 0
        while text.count - position >= bytes.count {
            if matched == 0 {
                position += swiftlet_find_byte(base + position, text.count - position, first)
                guard text.count - position >= bytes.count else { return }
                matched = 1
            }
            // In bounds: `bytes.count` bytes follow `position`.
            while matched < bytes.count, base[position + matched] == bytes[matched] { matched += 1 }
            if matched == bytes.count {
                body(position..<position + matched)
                position += matched
                matched = 0
            } else {
                let border = borders[matched - 1]
                position += matched - border
                matched = border
            }
        }
    }

    /// A text with each occurrence replaced.
    func replaced(in text: [UInt8], by content: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var copied = 0
        text.withUnsafeBufferPointer { text in
            forEachMatch(in: text) { match in
                result += text[copied..<match.lowerBound]
                result += content
                copied = match.upperBound
            }
            result += text[copied...]
        }
        return result
    }
}
