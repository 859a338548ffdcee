import SwiftletBytes

/// A zlib stream (RFC 1950): a two-byte header, deflate data and a checksum.
enum ZlibStream {
    /// Decompresses a stream.
    ///
    /// - Parameters:
    ///   - input: The whole stream.
    ///   - limit: The maximum size of the output; a stream that produces more is refused.
    /// - Returns: The decompressed bytes.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Deflate`` if the stream is damaged or
    ///   exceeds the limit.
    static func inflate(_ input: [UInt8], limit: Int) throws(SwiftletError) -> [UInt8] {
        guard input.count >= 6 else {
            throw failure("\(input.count) bytes are too few for a zlib stream")
        }
        // Method 8 with a window of at most 32 KiB, no dictionary, and a valid check of both bytes.
        guard input[0] & 15 == 8, input[0] >> 4 <= 7, input[1] & 0x20 == 0,
            (Int(input[0]) << 8 | Int(input[1])) % 31 == 0
        else { throw failure("invalid zlib header") }
        var inflater = Inflater(input, from: 2, limit: limit)
        let end = try inflater.run()
        guard end == input.count - 4 else {
            throw failure("\(input.count - end) bytes after the last block instead of 4")
        }
        let stored = input[end...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let output = inflater.takeOutput()
        guard adler32(output) == stored else {
            throw failure("the checksum does not match")
        }
        return output
    }

    static func failure(_ reason: String) -> SwiftletError {
        SwiftletError(.hdf5Deflate, "deflate: \(reason)")
    }

    /// The Adler-32 checksum: two sums modulo 65,521.
    static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var first: UInt32 = 1
        var second: UInt32 = 0
        var position = 0
        while position < bytes.count {
            // After 5552 bytes the remainders must be taken, or the sums would overflow 32 bits.
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
