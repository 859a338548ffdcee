import SwiftletBytes

/// The first structure of a file, which gives the widths of its numbers, its end and its root.
struct Superblock {
    let space: AddressSpace
    /// The address of the root group's object header.
    let root: UInt64

    private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

    init(_ view: ByteView, path: String) throws(SwiftletError) {
        let start = try Self.find(in: view)
        // Until the widths are known, only numbers of fixed width are read.
        let provisional = AddressSpace(
            path: path, bytes: view[start..<view.count], base: start, offsetBytes: 8,
            lengthBytes: 8)
        var fields = FieldReader(
            provisional.bytes, "the superblock", at: 0, in: provisional,
            position: Self.signature.count)
        let version = try fields.version(0...3)
        let offsetBytes: Int
        let lengthBytes: Int
        if version < 2 {
            // The versions of the free space, root entry and shared messages, and a zero.
            try fields.skip(4)
            (offsetBytes, lengthBytes) = (try fields.small(), try fields.small())
            // A zero, the sizes of group nodes, flags, and in version 1 the size of chunk nodes.
            try fields.skip(version == 0 ? 9 : 13)
        } else {
            (offsetBytes, lengthBytes) = (try fields.small(), try fields.small())
            try fields.skip(1)
        }
        guard [2, 4, 8].contains(offsetBytes), [2, 4, 8].contains(lengthBytes) else {
            throw .unsupported(
                .hdf5Version,
                "addresses of \(offsetBytes) and lengths of \(lengthBytes) bytes are not supported",
                at: "offset \(start)")
        }
        let base = try fields.number(offsetBytes)
        // The address of the free space (version 0) or of the superblock extension.
        try fields.skip(offsetBytes)
        let end = try fields.number(offsetBytes)
        let root: UInt64
        if version < 2 {
            // The address of the driver information, and the offset of the root's name.
            try fields.skip(2 * offsetBytes)
            root = try fields.number(offsetBytes)
        } else {
            root = try fields.number(offsetBytes)
            let length = fields.position
            let stored = try fields.number(4)
            try fields.check(stated: stored, found: Lookup3.hash(fields.bytes[0..<length]))
        }
        guard base == UInt64(start) else {
            throw fields.failure(
                .hdf5Superblock, "declares the base address \(base), but is at \(start)")
        }
        space = try Self.space(
            view, path: path, start: start, end: end, widths: (offsetBytes, lengthBytes))
        self.root = root
    }

    /// Returns the offset of the signature: 0 or, after a user block, a power of two from 512 on.
    private static func find(in view: ByteView) throws(SwiftletError) -> Int {
        var start = 0
        while let bytes = view.checkedSlice(offset: start, count: signature.count) {
            if bytes.copy() == signature { return start }
            start = start == 0 ? 512 : start * 2
        }
        throw SwiftletError(.hdf5Signature, "not an HDF5 file: the signature is missing")
    }

    /// Returns the address space up to the declared end, which counts from the start of the file.
    private static func space(
        _ view: ByteView, path: String, start: Int, end: UInt64, widths: (Int, Int)
    ) throws(SwiftletError) -> AddressSpace {
        guard let end = Int(exactly: end), end <= view.count else {
            throw SwiftletError(
                .hdf5Truncated, "the superblock declares \(end) bytes, the file has \(view.count)",
                at: "offset \(start)")
        }
        guard end > start else {
            throw SwiftletError(
                .hdf5Superblock, "the superblock declares the end \(end), before itself",
                at: "offset \(start)")
        }
        return AddressSpace(
            path: path, bytes: view[start..<end], base: start, offsetBytes: widths.0,
            lengthBytes: widths.1)
    }
}
