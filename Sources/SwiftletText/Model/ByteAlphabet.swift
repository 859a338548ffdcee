/// The spelling of bytes in a byte-level vocabulary: each byte is one printable character, so that
/// `vocab.json` and `merges.txt` are readable text (GPT-2's `bytes_to_unicode`).
///
/// Bytes that are printable in Latin-1 stand for themselves; the other 68 take U+0100 and up, in
/// order: a space is `Ġ`, a line feed `Ċ`.
enum ByteAlphabet {
    /// The code point that spells each byte.
    static let codePoints: [UInt16] = {
        var points = [UInt16](repeating: 0, count: 256)
        var next: UInt16 = 0x100
        for byte in 0..<256 {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: points[byte] = UInt16(byte)
            default:
                points[byte] = next
                next += 1
            }
        }
        return points
    }()

    /// The byte of each code point below U+0144; -1 where there is none.
    private static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x144)
        for (byte, point) in codePoints.enumerated() { bytes[Int(point)] = Int16(byte) }
        return bytes
    }()

    /// The UTF-8 bytes of a byte's spelling.
    static func spelling(of byte: UInt8) -> [UInt8] {
        let point = codePoints[Int(byte)]
        return point < 0x80
            ? [UInt8(point)] : [UInt8(0xC0 | point >> 6), UInt8(0x80 | point & 0x3F)]
    }

    /// Appends the bytes that `spelling` stands for; the spelling itself, as Hugging Face's decoder
    /// does, when one of its characters spells no byte.
    static func append(bytesOf spelling: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        let before = bytes.count
        var index = spelling.startIndex
        while index < spelling.endIndex {
            let first = UInt32(spelling[index])
            var point = first
            var length = 1
            if first >= 0x80 {
                // The alphabet's other characters are all of two bytes.
                guard first < 0xE0, index + 1 < spelling.endIndex else { break }
                point = (first & 0x1F) << 6 | UInt32(spelling[index + 1] & 0x3F)
                length = 2
            }
            guard point < 0x144, Self.bytes[Int(point)] >= 0 else { break }
            bytes.append(UInt8(truncatingIfNeeded: Self.bytes[Int(point)]))
            index += length
        }
        if index < spelling.endIndex {
            bytes.removeSubrange(before...)
            bytes.append(contentsOf: spelling)
        }
    }
}
