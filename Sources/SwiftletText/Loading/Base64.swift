/// Base64 as in RFC 4648: with padding, without line breaks.
enum Base64 {
    /// The value of each letter; ``none`` for bytes that are not letters of the alphabet.
    private static let values: FixedBuffer<UInt32> = {
        let values = FixedBuffer<UInt32>(repeating: none, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        // In bounds: indexed by a byte.
        for (value, letter) in alphabet.utf8.enumerated() {
            values.start[Int(letter)] = UInt32(value)
        }
        return values
    }()
    private static let none: UInt32 = 1 << 31

    /// Appends the bytes that `text` encodes; returns false if it is not base64.
    static func append(
        _ text: UnsafeBufferPointer<UInt8>, to bytes: GrowingBuffer<UInt8>
    ) -> Bool {
        guard text.count % 4 == 0 else { return false }
        var letters = text.count
        while letters > text.count &- 2, letters > 0, text[letters &- 1] == UInt8(ascii: "=") {
            letters &-= 1
        }
        let values = self.values.start
        bytes.reserve(text.count)
        // In bounds: at most three bytes per four letters, which are reserved; the table has an
        // entry for every byte.
        var end = bytes.start + bytes.count
        var index = 0
        while index &+ 4 <= letters {
            let first = values[Int(text[index])]
            let second = values[Int(text[index &+ 1])]
            let third = values[Int(text[index &+ 2])]
            let fourth = values[Int(text[index &+ 3])]
            guard (first | second | third | fourth) & none == 0 else { return false }
            let group = first &<< 18 | second &<< 12 | third &<< 6 | fourth
            end[0] = UInt8(truncatingIfNeeded: group &>> 16)
            end[1] = UInt8(truncatingIfNeeded: group &>> 8)
            end[2] = UInt8(truncatingIfNeeded: group)
            end += 3
            index &+= 4
        }
        bytes.count = end - bytes.start
        return appendRest(text, index..<letters, to: bytes)
    }

    /// Appends the bytes that the last letters, fewer than four, encode.
    private static func appendRest(
        _ text: UnsafeBufferPointer<UInt8>, _ letters: Range<Int>, to bytes: GrowingBuffer<UInt8>
    ) -> Bool {
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for index in letters {
            let value = values.start[Int(text[index])]
            guard value != none else { return false }
            buffer = buffer << 6 | value
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
        }
        // The unused bits of the last letter must be zero.
        return buffer & ((1 << bits) - 1) == 0
    }
}
