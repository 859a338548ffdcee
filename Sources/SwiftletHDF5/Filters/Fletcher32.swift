import SwiftletBytes

/// The Fletcher checksum of HDF5: two sums over 16-bit big-endian words, modulo 65,535.
enum Fletcher32 {
    /// Verifies the checksum at the end of `bytes` and removes it.
    ///
    /// - Parameter bytes: The data, followed by the four bytes of the checksum.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Fletcher`` if the checksum is missing or wrong.
    static func checkAndRemove(_ bytes: inout [UInt8]) throws(SwiftletError) {
        guard bytes.count >= 4 else {
            throw SwiftletError(
                .hdf5Fletcher, "\(bytes.count) bytes are too few for a fletcher32 checksum")
        }
        let stored = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        bytes.removeLast(4)
        guard checksum(bytes) == stored else {
            throw SwiftletError(.hdf5Fletcher, "the fletcher32 checksum does not match")
        }
    }

    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var first: UInt32 = 0
        var second: UInt32 = 0
        var position = 0
        while position < bytes.count {
            // After 360 words the sums must be folded, or they would overflow 32 bits.
            let end = min(position + 720, bytes.count)
            while position < end {
                let low = position + 1 < bytes.count ? UInt32(bytes[position + 1]) : 0
                first &+= UInt32(bytes[position]) << 8 | low
                second &+= first
                position += 2
            }
            first = folded(first)
            second = folded(second)
        }
        return folded(second) << 16 | folded(first)
    }

    private static func folded(_ sum: UInt32) -> UInt32 { (sum & 0xFFFF) + sum >> 16 }
}
