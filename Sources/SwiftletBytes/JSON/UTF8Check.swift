/// Strict UTF-8 checks (Unicode 16, table 3-7): overlong forms, surrogates and values above U+10FFFF
/// are refused.
public enum UTF8Check {
    /// Determines the length of the character at `offset`.
    ///
    /// - Parameters:
    ///   - offset: inside `bytes`.
    ///   - bytes: the text.
    /// - Returns: the number of bytes; 0 if the character is not well-formed.
    @unsafe
    public static func length(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        let first = unsafe bytes[offset]
        let second: ClosedRange<UInt8>
        let length: Int
        switch first {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE, 0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        // In bounds: every index below is compared with bytes.count first.
        guard length <= bytes.count - offset, unsafe second.contains(bytes[offset + 1]) else {
            return 0
        }
        for index in 2..<max(length, 2) where unsafe bytes[offset + index] & 0xC0 != 0x80 {
            return 0
        }
        return length
    }

    /// Returns the offset of the first byte that is not well-formed UTF-8; nil if all are.
    public static func firstError(in view: ByteView) -> Int? {
        unsafe view.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                // Eight ASCII bytes at a time; in bounds by the comparison.
                while offset + 8 <= bytes.count,
                    unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                        & 0x8080_8080_8080_8080 == 0
                {
                    offset += 8
                }
                guard offset < bytes.count else { break }
                let length = unsafe length(at: offset, in: bytes)
                if length == 0 { return offset }
                offset += length
            }
            return nil
        }
    }

    /// Returns the text of `view`.
    ///
    /// - Throws: ``SwiftletError/Code/notUTF8`` with the offset.
    public static func text(_ view: ByteView, file: String? = nil) throws(SwiftletError) -> String {
        if let offset = firstError(in: view) {
            throw SwiftletError(.notUTF8, file: file, "not UTF-8", at: "offset \(offset)")
        }
        return unsafe view.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
