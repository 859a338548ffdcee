import SwiftletBytes

/// The Fletcher checksum of HDF5: two sums over 16-bit big-endian words, modulo 65,535.
enum Fletcher32 {
    /// Takes the checksum off the end, if it is that of the bytes before.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5Fletcher``.
    static func checkAndRemove(_ bytes: inout [UInt8]) throws(SwiftletError) {
        guard bytes.count >= 4 else {
            throw SwiftletError(.hdf5Fletcher, "\(bytes.count) bytes have no room for a checksum")
        }
        let stored = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        bytes.removeLast(4)
        guard checksum(bytes) == stored else {
            throw SwiftletError(.hdf5Fletcher, "a checksum that is not that of the bytes")
        }
    }

    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var first: UInt32 = 0
        var second: UInt32 = 0
        var position = 0
        while position < bytes.count {
            // 360 words are as many as fit 32 bits before the sums must be folded.
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
