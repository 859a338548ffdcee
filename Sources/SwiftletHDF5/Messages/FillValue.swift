import SwiftletBytes

/// The value of elements that were never written.
struct FillValue {
    /// The bytes of one element; nil for zeros.
    let bytes: ByteView?

    /// Reads the fill value of an object from the new or the old form of the message.
    init(_ header: ObjectHeader) throws(SwiftletError) {
        if let message = header.first(.fillValue) {
            var fields = try message.fields("a fill value")
            let version = try fields.version(1...3)
            let isDefined: Bool
            if version < 3 {
                // The times of allocation and of filling.
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
        // 2^32 - 1 means "undefined" in libhdf5.
        return size == 0 || size == 0xFFFF_FFFF ? nil : try fields.take(size)
    }
}
