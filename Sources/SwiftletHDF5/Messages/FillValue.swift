import SwiftletBytes

/// What elements are that were never written.
struct FillValue {
    /// One element's bytes; nil for zeros.
    let bytes: ByteView?

    /// The fill value of an object, in the newer message or the older.
    init(_ header: ObjectHeader) throws(SwiftletError) {
        if let message = header.first(.fillValue) {
            var fields = try message.fields("a fill value")
            let version = try fields.version(1...3)
            let isDefined: Bool
            if version < 3 {
                // When space is given, and when it is filled.
                try fields.skip(2)
                isDefined = try fields.small() != 0 || version == 1
            } else {
                isDefined = try fields.small() & 0x20 != 0
            }
            bytes = isDefined ? try Self.value(&fields) : nil
        } else if let message = header.first(.oldFillValue) {
            var fields = try message.fields("a fill value")
            bytes = try Self.value(&fields)
        } else {
            bytes = nil
        }
    }

    private static func value(_ fields: inout FieldReader) throws(SwiftletError) -> ByteView? {
        let size = try fields.small(4)
        // 2^32 - 1 says "undefined" in the library's own terms.
        return size == 0 || size == 0xFFFF_FFFF ? nil : try fields.take(size)
    }
}
