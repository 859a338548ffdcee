import SwiftletBytes

/// The parsed header of a file, in file order.
///
/// The syntax has been checked, sizes have not.
struct SafetensorsHeader {
    /// The header's description of one tensor.
    struct Entry {
        var name: String
        var dtype: DType
        var shape: [UInt64]
        var begin: UInt64
        var end: UInt64
    }

    /// The entries of `__metadata__`.
    var metadata: [(key: String, value: String)] = []
    var entries: [Entry] = []
    /// The offset in the file at which the data begin.
    var dataStart = 0
}

extension SafetensorsHeader {
    /// Makes the first half of the checks: from the first byte of the file to a parsed header.
    init(_ view: ByteView, file: String) throws(SwiftletError) {
        let text = try Self.text(of: view, file: file)
        dataStart = SafetensorsFormat.lengthBytes + text.count
        if let offset = UTF8Check.firstError(in: text) {
            throw SwiftletError(
                .safetensorsHeaderNotUTF8, file: file, "the header is not UTF-8",
                at: "offset \(SafetensorsFormat.lengthBytes + offset)")
        }
        var parser = SafetensorsHeaderParser(text, file: file)
        do throws(SwiftletError) {
            try parser.parse(into: &self)
        } catch {
            guard [.json, .jsonType, .notUTF8].contains(error.code) else { throw error }
            throw SwiftletError(
                .safetensorsHeaderNotJSON, file: file, error.reason,
                at: error.place.map { "header \($0)" })
        }
    }

    /// Returns the header's text, after checking that it is inside the file.
    private static func text(of view: ByteView, file: String) throws(SwiftletError) -> ByteView {
        let prefix = SafetensorsFormat.lengthBytes
        guard let lengthBytes = view.checkedSlice(offset: 0, count: prefix) else {
            throw SwiftletError(
                .safetensorsTooShort, file: file,
                "the file has \(view.count) bytes, the header length alone takes \(prefix)")
        }
        let length = lengthBytes.copy().reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let length = Int(exactly: length), length <= SafetensorsFormat.headerLimit else {
            throw SwiftletError(
                .safetensorsHeaderTooLarge, file: file,
                "a header of \(length) bytes exceeds the limit of \(SafetensorsFormat.headerLimit)",
                at: "offset 0")
        }
        guard let text = view.checkedSlice(offset: prefix, count: length) else {
            throw SwiftletError(
                .safetensorsHeaderPastEnd, file: file,
                "a header of \(length) bytes does not fit in a file of \(view.count) bytes",
                at: "offset 0")
        }
        return text
    }
}
