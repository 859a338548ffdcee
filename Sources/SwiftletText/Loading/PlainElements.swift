import CSwiftletUnicode
import SwiftletBytes

/// Reads the elements of a vocabulary or of a list of merges in the form that nearly all have: tokens
/// spelled in the byte alphabet, or as themselves, with no spaces and no escapes but `\"`, `\\` and,
/// in the byte alphabet, those of code points.
/// Whatever is not of that form is left to ``JSONReader``, which knows the others and the errors.
struct PlainElements {
    private let start: UnsafePointer<UInt8>
    private let count: Int
    /// How much was read.
    private var position = 0
    /// Nil if strings are not spelled in the byte alphabet.
    private let alphabet: UnsafePointer<Int16>?

    /// Elements of more bytes are not plain.
    private static let longestText = 1 << 12
    /// How many bytes are to be writable where an element's text goes.
    static let room = longestText + Int(SWIFTLET_PLAIN_WIDTH)

    /// A reader of elements.
    ///
    /// - Parameter isByteLevel: whether strings are spelled in the byte alphabet.
    /// - Returns: nil for no bytes at all.
    init?(_ bytes: UnsafeRawBufferPointer, isByteLevel: Bool) {
        guard let start = bytes.baseAddress else { return nil }
        self.start = start.assumingMemoryBound(to: UInt8.self)
        count = bytes.count
        alphabet = isByteLevel ? UnsafePointer(ByteAlphabet.table.start) : nil
    }

    /// From so many bytes on it is worth while to share the reading.
    private static let fewestToShare = 1 << 20

    /// Where a second thread may begin: at a comma near the middle of many bytes that begin with
    /// elements, which ends a line of text as an element does. It separates two elements if the
    /// reading of those before it ends there; only then does what was read from it on count.
    static func middle(of bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= fewestToShare, let base = bytes.baseAddress else { return nil }
        let start = base.assumingMemoryBound(to: UInt8.self)
        // In bounds: all within `bytes`, as their count says.
        let first = 1 + swiftlet_json_space(start + 1, bytes.count - 1)
        let isNested = first < bytes.count && start[first] == UInt8(ascii: "[")
        var position = bytes.count / 2
        // In a list of lists every third line ends one.
        for _ in 0..<4 {
            position += swiftlet_find_pair(
                start + position, bytes.count - position, UInt8(ascii: ","), 0x0A)
            guard position < bytes.count else { return nil }
            if !isNested || start[position - 1] == UInt8(ascii: "]") { return position }
            position += 1
        }
        return nil
    }

    /// How many bytes the elements took that were read so far.
    private(set) var read = 0

    /// Reads `,"token": id` and puts the token's bytes at `text`, which has ``room``.
    mutating func nextToken(into text: UnsafeMutablePointer<UInt8>) -> (count: Int, id: Int)? {
        guard take(UInt8(ascii: ",")), let count = string(text, from: 0),
            take(UInt8(ascii: ":")), let id = number()
        else { return nil }
        read = position
        return (count, id)
    }

    /// Reads `,"a b"` or `,["a", "b"]` and puts the bytes of both at `text`, which has ``room``.
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

    /// Whether `byte` comes next, after white space; it is then read.
    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        // In bounds by the comparison, here and below.
        position &+= swiftlet_json_space(start + position, count &- position)
        guard position < count, start[position] == byte else { return false }
        position &+= 1
        return true
    }

    /// Reads a string up to `end` and puts what it stands for at `text` from `first` on; returns
    /// where that ends.
    @inline(__always)
    private mutating func string(
        _ text: UnsafeMutablePointer<UInt8>, from first: Int, end: UInt8 = UInt8(ascii: "\""),
        isOpen: Bool = false
    ) -> Int? {
        guard isOpen || take(UInt8(ascii: "\"")) else { return nil }
        var length = first
        while true {
            var written = 0
            // In bounds: of the bytes that are left; the room of `text` is a width more than the
            // longest text.
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
            // In bounds: four bytes at most, less than the width.
            for _ in 0..<character {
                text[length] = start[position]
                length &+= 1
                position &+= 1
            }
        }
    }

    /// Reads a whole number of at most nine digits.
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
        // A leading zero is not JSON; a fraction or an exponent is not whole.
        if digits > 1, start[first] == 0x30 { return nil }
        switch start[position] {
        case UInt8(ascii: ","), UInt8(ascii: "}"), 0x20, 0x0A, 0x0D, 0x09: return value
        default: return nil
        }
    }
}
