import SwiftletBytes

/// A zlib stream (RFC 1950) around deflated bytes: two bytes in front, a checksum behind.
enum ZlibStream {
    /// The bytes that `input` was made from.
    ///
    /// - Parameter limit: the most bytes that are made; a stream of more is an error.
    /// - Throws: ``SwiftletError/Code/hdf5Deflate``.
    static func inflate(_ input: [UInt8], limit: Int) throws(SwiftletError) -> [UInt8] {
        guard input.count >= 6 else { throw failure("\(input.count) bytes are no zlib stream") }
        // Method 8 with a window of at most 32 KB, no dictionary, and a check of both bytes.
        guard input[0] & 15 == 8, input[0] >> 4 <= 7, input[1] & 0x20 == 0,
            (Int(input[0]) << 8 | Int(input[1])) % 31 == 0
        else { throw failure("no zlib head") }
        var inflater = Inflater(input, from: 2, limit: limit)
        let end = try inflater.run()
        guard end == input.count - 4 else {
            throw failure("\(input.count - end) bytes behind the last block instead of 4")
        }
        let stored = input[end...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let output = inflater.takeOutput()
        guard adler32(output) == stored else {
            throw failure("a checksum that is not that of the bytes")
        }
        return output
    }

    static func failure(_ reason: String) -> SwiftletError {
        SwiftletError(.hdf5Deflate, "deflate: \(reason)")
    }

    /// Two sums modulo 65,521.
    static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var first: UInt32 = 1
        var second: UInt32 = 0
        var position = 0
        while position < bytes.count {
            // 5552 bytes are as many as fit 32 bits before the remainder must be taken.
            let end = min(position + 5552, bytes.count)
            while position < end {
                first &+= UInt32(bytes[position])
                second &+= first
                position += 1
            }
            first %= 65521
            second %= 65521
        }
        return second << 16 | first
    }
}
