import SwiftletBytes

/// An entry of the zip: the location of its name and its stored bytes in the file.
struct ZipEntry {
    /// The bytes of the name in the directory.
    let name: ByteView
    /// The offset of the local header.
    let headerOffset: Int
    /// The range of the stored bytes.
    let data: Range<Int>

    static let centralBytes = 46
    static let localBytes = 30

    /// Reads a directory entry and the local header that it refers to.
    ///
    /// - Parameters:
    ///   - view: The whole file.
    ///   - offset: The offset of the entry; advanced past it.
    ///   - directory: The range of the directory.
    /// - Throws: ``SwiftletError`` with a `torch.zip…` code if the entry is malformed or
    ///   unsupported.
    init(
        in view: ByteView, at offset: inout Int, directory: Range<Int>
    ) throws(SwiftletError) {
        let start = offset
        guard directory.upperBound - start >= Self.centralBytes,
            view.number(at: start, as: UInt32.self) == 0x0201_4b50,
            let flags: UInt16 = view.number(at: start + 8),
            let method: UInt16 = view.number(at: start + 10),
            let packed: UInt32 = view.number(at: start + 20),
            let size: UInt32 = view.number(at: start + 24),
            let nameLength: UInt16 = view.number(at: start + 28),
            let extraLength: UInt16 = view.number(at: start + 30),
            let commentLength: UInt16 = view.number(at: start + 32),
            let disk: UInt16 = view.number(at: start + 34),
            let attributes: UInt32 = view.number(at: start + 38),
            let header: UInt32 = view.number(at: start + 42),
            let name = view.checkedSlice(
                offset: start + Self.centralBytes, count: Int(nameLength)),
            let extra = view.checkedSlice(
                offset: start + Self.centralBytes + name.count, count: Int(extraLength))
        else { throw Self.malformed("is malformed") }
        offset = start + Self.centralBytes + name.count + extra.count + Int(commentLength)
        guard offset <= directory.upperBound else { throw Self.malformed("is truncated") }
        self.name = name

        var wide = WideFields(extra)
        guard let packed = wide.next(packed, sizeFirst: size),
            let header = wide.next(header)
        else { throw Self.malformed("lacks the 64-bit field that it refers to") }
        guard flags & 0x2041 == 0 else {
            throw SwiftletError(.torchZipEncrypted, "the entry is encrypted")
        }
        guard method == 0 else {
            throw SwiftletError(
                .torchZipCompressed,
                "the entry is compressed (method \(method)); only stored entries are read",
                hint: "save the file again with torch.save, or unzip it and zip it with -0")
        }
        guard disk == 0 || disk == 1 else {
            throw SwiftletError(.torchZipVolumes, "the entry is in volume \(disk)")
        }
        guard packed.stored == packed.size, let size = Int(exactly: packed.size),
            let header = Int(exactly: header), header <= directory.lowerBound
        else { throw Self.malformed("has an impossible size or offset") }
        // Either marks a folder for the reference, which reads no bytes of it.
        let isFolder = attributes & 0x10 != 0 || name.byte(at: name.count - 1) == UInt8(ascii: "/")
        guard !isFolder || size == 0 else {
            throw Self.malformed("is marked as a folder but has \(size) bytes")
        }
        headerOffset = header
        let local = LocalHeader(
            flags: flags, name: name, size: packed.size, limit: directory.lowerBound)
        let dataStart = try local.check(in: view, at: header)
        guard size <= directory.lowerBound - dataStart else {
            throw Self.malformed("of \(size) bytes extends into the directory")
        }
        data = dataStart..<dataStart + size
    }

    private static func malformed(_ what: String) -> SwiftletError {
        SwiftletError(.torchZipEntry, "the directory entry \(what)")
    }
}

/// The 64-bit numbers in an entry's extra field (id 1), in their fixed order.
///
/// Each is present only if the corresponding short field is saturated.
struct WideFields {
    private var field: ByteView?
    private var offset = 0

    /// Finds the field among the extra fields.
    ///
    /// Malformed extra fields are treated as absent.
    init(_ extra: ByteView) {
        var place = 0
        while let id: UInt16 = extra.number(at: place),
            let length: UInt16 = extra.number(at: place + 2),
            let body = extra.checkedSlice(offset: place + 4, count: Int(length))
        {
            if id == 1 {
                field = body
                return
            }
            place += 4 + body.count
        }
    }

    /// The value of a short field or, if that is saturated, the next wide one.
    mutating func next(_ short: UInt32) -> UInt64? {
        guard short == .max else { return UInt64(short) }
        defer { offset += 8 }
        return field?.number(at: offset)
    }

    /// Both sizes.
    ///
    /// The stored size comes first in the short fields, but second in the wide ones.
    mutating func next(
        _ stored: UInt32, sizeFirst size: UInt32
    ) -> (stored: UInt64, size: UInt64)? {
        guard let size = next(size), let stored = next(stored) else { return nil }
        return (stored, size)
    }
}
