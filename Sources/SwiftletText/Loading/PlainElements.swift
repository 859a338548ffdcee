import SwiftletBytes

/// Reads the elements of a vocabulary or of a list of merges in the form that nearly all have: tokens
/// spelled in the byte alphabet, or as themselves, with no spaces and no escapes but `\\"` and `\\\\`. Whatever is not of that form is
/// left to ``JSONReader``, which knows the others and the errors.
struct PlainElements {
    private let bytes: UnsafeRawBufferPointer
    /// How much was read.
    private var position = 0
    private let alphabet = ByteAlphabet.table.start
    private let isByteLevel: Bool
    /// What the last string stands for.
    private let text: FixedBuffer<UInt8>

    /// Strings of more bytes are not plain.
    static let longestText = 1 << 12

    /// A reader of elements.
    ///
    /// - Parameters:
    ///   - isByteLevel: whether strings are spelled in the byte alphabet.
    ///   - text: where strings go, of ``longestText`` bytes.
    init(_ bytes: UnsafeRawBufferPointer, isByteLevel: Bool, text: FixedBuffer<UInt8>) {
        self.bytes = bytes
        self.isByteLevel = isByteLevel
        self.text = text
    }

    /// How many bytes the elements took that were read so far.
    private(set) var read = 0

    /// Reads `,"token": id`; the token's bytes are the first of `text`.
    mutating func nextToken() -> (count: Int, id: Int)? {
        guard take(UInt8(ascii: ",")), let count = string(from: 0), take(UInt8(ascii: ":")),
            let id = number()
        else { return nil }
        read = position
        return (count, id)
    }

    /// Reads `,"a b"` or `,["a", "b"]`; the bytes of both are the first of `text`.
    mutating func nextMerge() -> (left: Int, count: Int)? {
        guard take(UInt8(ascii: ",")) else { return nil }
        let left: Int
        let count: Int
        if take(UInt8(ascii: "[")) {
            guard let first = string(from: 0), take(UInt8(ascii: ",")),
                let second = string(from: first), take(UInt8(ascii: "]"))
            else { return nil }
            left = first
            count = second
        } else {
            guard let first = string(from: 0, end: 0x20),
                let second = string(from: first, isOpen: true)
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
        // In bounds by the comparisons, here and below.
        while position < bytes.count {
            let found = bytes[position]
            if found == byte {
                position &+= 1
                return true
            }
            guard found == 0x20 || found == 0x0A || found == 0x0D || found == 0x09 else { break }
            position &+= 1
        }
        return false
    }

    /// Reads a string up to `end` and puts what it stands for into `text` from `start` on; returns
    /// where that ends.
    @inline(__always)
    private mutating func string(
        from start: Int, end: UInt8 = UInt8(ascii: "\""), isOpen: Bool = false
    ) -> Int? {
        guard isOpen || take(UInt8(ascii: "\"")) else { return nil }
        var count = start
        while position < bytes.count, count < Self.longestText {
            let byte = bytes[position]
            position &+= 1
            if byte == end { return count }
            if byte >= 0x80, !isByteLevel {
                let first = position &- 1
                let length = UTF8Check.length(at: first, in: bytes)
                guard length > 0, count &+ length <= Self.longestText else { return nil }
                for index in first..<first &+ length {
                    text.start[count &+ index &- first] = bytes[index]
                }
                position = first &+ length
                count &+= length &- 1
            } else if byte >= 0x80 {
                guard byte < 0xC6, byte >= 0xC2, position < bytes.count else { return nil }
                let next = bytes[position]
                guard next & 0xC0 == 0x80 else { return nil }
                position &+= 1
                let value = alphabet[Int(byte & 0x1F) << 6 | Int(next & 0x3F)]
                guard value >= 0 else { return nil }
                text.start[count] = UInt8(truncatingIfNeeded: value)
            } else if byte == UInt8(ascii: "\\") {
                guard position < bytes.count else { return nil }
                let escaped = bytes[position]
                guard escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") else {
                    return nil
                }
                position &+= 1
                text.start[count] = escaped
            } else {
                guard byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "\"") else { return nil }
                text.start[count] = byte
            }
            count &+= 1
        }
        return nil
    }

    /// Reads a whole number of at most nine digits.
    @inline(__always)
    private mutating func number() -> Int? {
        while position < bytes.count, bytes[position] == 0x20 { position &+= 1 }
        let first = position
        var value = 0
        while position < bytes.count, bytes[position] &- 0x30 < 10, position &- first < 10 {
            value = value &* 10 &+ Int(bytes[position] &- 0x30)
            position &+= 1
        }
        let digits = position &- first
        guard digits > 0, digits < 10, position < bytes.count else { return nil }
        // A leading zero is not JSON; a fraction or an exponent is not whole.
        if digits > 1, bytes[first] == 0x30 { return nil }
        switch bytes[position] {
        case UInt8(ascii: ","), UInt8(ascii: "}"), 0x20, 0x0A, 0x0D, 0x09: return value
        default: return nil
        }
    }
}
