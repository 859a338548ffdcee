import SwiftletBytes

extension ByteView {
    /// The byte at `offset`, or nil if that is out of bounds.
    @inline(__always)
    func byte(at offset: Int) -> UInt8? {
        guard offset >= 0, offset < count else { return nil }
        // In bounds by the guard.
        return unsafe withUnsafeBytes { unsafe $0[offset] }
    }

    /// The little-endian integer at `offset`, or nil if it is not entirely in bounds.
    func number<N: FixedWidthInteger>(at offset: Int, as type: N.Type = N.self) -> N? {
        guard offset >= 0, offset <= count, MemoryLayout<N>.size <= count - offset else {
            return nil
        }
        // In bounds by the guard.
        return unsafe withUnsafeBytes {
            N(littleEndian: unsafe $0.loadUnaligned(fromByteOffset: offset, as: N.self))
        }
    }
}
