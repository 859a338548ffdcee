import CSwiftletUnicode
import SwiftletBytes

/// Reads the elements of a vocabulary or of a list of merges in the plain form that nearly all
/// files have: tokens are spelled in the byte alphabet or as themselves, without spaces, and with
/// no escapes except `\"`, `\\` and, in the byte alphabet, those of code points.
///
/// Anything else is left to ``JSONReader``, which reads every form and reports errors.
struct PlainElements {
    private let start: UnsafePointer<UInt8>
    private let count: Int
    /// The end of what has been scanned.
    private var position = 0
    /// The byte alphabet; nil if strings are not spelled in it.
    private let alphabet: UnsafePointer<Int16>?

    /// The length up to which an element is plain.
    private static let longestText = 1 << 12
    /// The number of bytes that must be writable where the text of an element goes.
    static let room = longestText + Int(SWIFTLET_PLAIN_WIDTH)

    /// Creates a reader; nil if there are no bytes.
    ///
    /// - Parameters:
    ///   - bytes: The elements.
    ///   - isByteLevel: Whether strings are spelled in the byte alphabet.
    init?(_ bytes: UnsafeRawBufferPointer, isByteLevel: Bool) {
        guard let start = bytes.baseAddress else { return nil }
        self.start = start.assumingMemoryBound(to: UInt8.self)
        count = bytes.count
        alphabet = isByteLevel ? UnsafePointer(ByteAlphabet.table.start) : nil
    }

    /// The number of bytes from which sharing the work is worthwhile.
    private static let fewestToShare = 1 << 20

    /// Where a second thread may start, if `bytes` are many and begin with elements: at a comma
    /// near the middle that ends a line, as it does after an element.
    ///
    /// The comma really separates two elements only if reading the first half ends there. Only then
    /// does what was read from it on count.
    static func middle(of bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= fewestToShare, let base = bytes.baseAddress else { return nil }
        let start = base.assumingMemoryBound(to: UInt8.self)
        // In bounds: all within `bytes`, according to their count.
        let first = 1 + swiftlet_json_space(start + 1, bytes.count - 1)
        let isNested = first < bytes.count && start[first] == UInt8(ascii: "[")
        var position = bytes.count / 2
        // In a list of lists, every third such comma ends an element.
        for _ in 0..<4 {
            position += swiftlet_find_pair(
                start + position, bytes.count - position, UInt8(ascii: ","), 0x0A)
            guard position < bytes.count else { return nil }
            if !isNested || start[position - 1] == UInt8(ascii: "]") { return position }
            position += 1
        }
        return nil
    }

    /// The number of bytes of the elements read so far.
    private(set) var read = 0

    /// Reads `,"token": id` and writes the token's bytes to `text`, which has ``room``.
    mutating func nextToken(into text: UnsafeMutablePointer<UInt8>) -> (count: Int, id: Int)? {
        guard take(UInt8(ascii: ",")), let count = string(text, from: 0),
            take(UInt8(ascii: ":")), let id = number()
        else { return nil }
        read = position
        return (count, id)
    }

    /// Reads `,"a b"` or `,["a", "b"]` and writes the bytes of both tokens to `text`, which has
    /// ``room``.
    mutating func nextMerge(into text: UnsafeMutablePointer<UInt8>) -> (left: Int, count: Int)? {
        guard take(UInt8(ascii: ",")) else { return nil }
        let left: Int
        let count: Int
        if take(UInt8(ascii: "[")) {
            guard let first = string(text, from: 0), take(UInt8(ascii: ",")),
                let second = string(text, from: first), take(UInt8(ascii: "]"))
            else { return nil }
            left = first
            count = second
        } else {
            guard let first = string(text, from: 0, end: 0x20),
                let second = string(text, from: first, isOpen: true)
            else { return nil }
            left = first
            count = second
        }
        guard left > 0, count > left else { return nil }
        read = position
        return (left, count)
    }

    /// Skips white space; reads `byte` and returns true if that comes next.
    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        // In bounds by the comparison, here and below.
        position &+= swiftlet_json_space(start + position, count &- position)
        guard position < count, start[position] == byte else { return false }
        position &+= 1
        return true
    }

    /// Reads a string up to `end`, writes what it stands for to `text` from `first` on, and returns
    /// the end of what was written.
    @inline(__always)
    private mutating func string(
        _ text: UnsafeMutablePointer<UInt8>, from first: Int, end: UInt8 = UInt8(ascii: "\""),
        isOpen: Bool = false
    ) -> Int? {
        guard isOpen || take(UInt8(ascii: "\"")) else { return nil }
        var length = first
        while true {
            var written = 0
            // In bounds: `count - position` bytes are left, and `text` has room for one vector more
            // than the longest text.
            position &+= swiftlet_json_plain(
                start + position, count &- position, alphabet, text + length,
                Self.longestText &- length, &written)
            length &+= written
            guard position < count, length < Self.longestText else { return nil }
            if start[position] == end {
                position &+= 1
                return length
            }
            guard alphabet == nil, start[position] >= 0x80 else { return nil }
            let character = UTF8Check.length(
                at: position, in: UnsafeRawBufferPointer(start: start, count: count))
            guard character > 0 else { return nil }
            // In bounds: at most four bytes, fewer than a vector has.
            for _ in 0..<character {
                text[length] = start[position]
                length &+= 1
                position &+= 1
            }
        }
    }

    /// Reads an integer of at most nine digits.
    @inline(__always)
    private mutating func number() -> Int? {
        position &+= swiftlet_json_space(start + position, count &- position)
        let first = position
        var value = 0
        while position < count, start[position] &- 0x30 < 10, position &- first < 10 {
            value = value &* 10 &+ Int(start[position] &- 0x30)
            position &+= 1
        }
        let digits = position &- first
        guard digits > 0, digits < 10, position < count else { return nil }
        // JSON has no leading zeros, and with a fraction or an exponent it is not an integer.
        if digits > 1, start[first] == 0x30 { return nil }
        switch start[position] {
        case UInt8(ascii: ","), UInt8(ascii: "}"), 0x20, 0x0A, 0x0D, 0x09: return value
        default: return nil
        }
    }
}
