import SwiftletBytes

extension ByteView {
    /// The unsigned little-endian number of `width` bytes at `offset`, or nil if it is out of bounds
    /// or wider than eight bytes.
    func number(at offset: Int, width: Int) -> UInt64? {
        guard offset >= 0, width >= 0, width <= 8, offset <= count, width <= count - offset else {
            return nil
        }
        return unsafe withUnsafeBytes { bytes in
            var value: UInt64 = 0
            // In bounds by the guard.
            for index in (0..<width).reversed() {
                value = unsafe value << 8 | UInt64(bytes[offset + index])
            }
            return value
        }
    }

    /// Whether the bytes at `offset` are those of the ASCII string `text`.
    func matches(_ text: StaticString, at offset: Int = 0) -> Bool {
        let length = text.utf8CodeUnitCount
        guard let part = checkedSlice(offset: offset, count: length) else { return false }
        return unsafe part.withUnsafeBytes { bytes in
            // In bounds: both have `length` bytes.
            (0..<length).allSatisfy { unsafe bytes[$0] == text.utf8Start[$0] }
        }
    }
}
