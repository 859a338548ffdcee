import SwiftletBytes

/// The header of a file: what it says, in its own order, with forms checked and sizes not yet.
struct SafetensorsHeader {
    /// What the header says of one tensor.
    struct Entry {
        var name: String
        var dtype: DType
        var shape: [UInt64]
        var begin: UInt64
        var end: UInt64
    }

    /// The pairs of `__metadata__`.
    var metadata: [(key: String, value: String)] = []
    var entries: [Entry] = []
    /// Where the data begin in the file.
    var dataStart = 0
}

extension SafetensorsHeader {
    /// Climbs the first half of the ladder: from the file's first byte to a header in Swift types.
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

    /// The bytes of the header: the first three rungs.
    private static func text(of view: ByteView, file: String) throws(SwiftletError) -> ByteView {
        let prefix = SafetensorsFormat.lengthBytes
        guard let lengthBytes = view.checkedSlice(offset: 0, count: prefix) else {
            throw SwiftletError(
                .safetensorsTooShort, file: file,
                "\(view.count) bytes are fewer than the \(prefix) of a header's length")
        }
        let length = lengthBytes.copy().reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let length = Int(exactly: length), length <= SafetensorsFormat.headerLimit else {
            throw SwiftletError(
                .safetensorsHeaderTooLarge, file: file,
                "a header of \(length) bytes is over the limit of \(SafetensorsFormat.headerLimit)",
                at: "offset 0")
        }
        guard let text = view.checkedSlice(offset: prefix, count: length) else {
            throw SwiftletError(
                .safetensorsHeaderPastEnd, file: file,
                "a header of \(length) bytes does not fit a file of \(view.count)", at: "offset 0")
        }
        return text
    }
}
