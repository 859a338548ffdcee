/// The spelling of bytes in a byte-level vocabulary (GPT-2's `bytes_to_unicode`): each byte is one
/// printable character, so that `vocab.json` and `merges.txt` are readable text.
///
/// Bytes that are printable in Latin-1 stand for themselves; the other 68 are U+0100 and up, in
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

    /// The byte of each code point below U+0180; -1 if the code point spells none.
    static let table: FixedBuffer<Int16> = {
        let bytes = FixedBuffer<Int16>(repeating: -1, count: 0x180)
        // In bounds: the highest code point is U+0143.
        for (byte, point) in codePoints.enumerated() { bytes.start[Int(point)] = Int16(byte) }
        return bytes
    }()

    /// The spelling of the given bytes, in UTF-8.
    static func spelling(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var spelling: [UInt8] = []
        for byte in bytes {
            let point = codePoints[Int(byte)]
            if point < 0x80 {
                spelling.append(UInt8(point))
            } else {
                spelling.append(UInt8(0xC0 | point >> 6))
                spelling.append(UInt8(0x80 | point & 0x3F))
            }
        }
        return spelling
    }

    /// Writes the bytes that `spelling`, in UTF-8, stands for to `bytes`, which has room for as
    /// many bytes as the spelling has.
    ///
    /// - Returns: The number of bytes written; nil if one of the characters spells no byte.
    static func decode(
        _ spelling: UnsafeBufferPointer<UInt8>, into bytes: UnsafeMutablePointer<UInt8>
    ) -> Int? {
        let table = self.table.start
        var count = 0
        var index = 0
        while index < spelling.count {
            var point = Int(spelling[index])
            index &+= 1
            if point >= 0x80 {
                // All other characters of the alphabet take two bytes.
                guard point < 0xE0, index < spelling.count else { return nil }
                point = (point & 0x1F) << 6 | Int(spelling[index] & 0x3F)
                index &+= 1
            }
            // In bounds: the table has points below 0x180, and no character is shorter than its
            // byte.
            guard point < 0x180, table[point] >= 0 else { return nil }
            bytes[count] = UInt8(truncatingIfNeeded: table[point])
            count &+= 1
        }
        return count
    }

    /// Appends the bytes that `spelling`, in UTF-8, stands for; returns false, and appends nothing,
    /// if one of its characters spells no byte.
    static func append(bytesOf spelling: ArraySlice<UInt8>, to bytes: inout [UInt8]) -> Bool {
        let decoded = [UInt8](unsafeUninitializedCapacity: spelling.count) { room, count in
            guard let base = room.baseAddress else { return }
            count = spelling.withUnsafeBufferPointer { decode($0, into: base) } ?? 0
        }
        guard !decoded.isEmpty || spelling.isEmpty else { return false }
        bytes += decoded
        return true
    }

    /// The id of the token with the given spelling, in a vocabulary of bytes.
    static func id(of spelling: [UInt8], in vocabulary: Vocabulary) -> Int32? {
        var bytes: [UInt8] = []
        let isSpelled = append(bytesOf: spelling[...], to: &bytes)
        return vocabulary.id(of: isSpelled ? bytes : spelling, isVerbatim: !isSpelled)
    }
}
