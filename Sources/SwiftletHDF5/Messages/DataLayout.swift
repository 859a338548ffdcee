import SwiftletBytes

/// The storage location of a dataset's elements.
enum DataLayout {
    /// In the header itself.
    case compact(ByteView)
    /// Contiguous in the file; without an address, nothing has been written.
    case contiguous(address: UInt64?, count: Int?)
    /// In chunks of equal shape, located by an index.
    case chunked(Chunks)
    /// In other datasets.
    case virtual

    /// The shape of the chunks and the location of their index.
    struct Chunks {
        /// The dimensions of a chunk in elements.
        var shape: [Int]
        /// The size of an element in bytes, as declared by the layout.
        var elementSize: Int
        var index: Index
        /// Whether chunks that extend past the edge of the dataset are stored without filters.
        var edgesUnfiltered = false
    }

    /// A chunk index with its address, which is nil if no chunk has been written.
    enum Index {
        case tree1(UInt64?)
        case single(UInt64?, storedSize: Int?, mask: Int)
        case implicit(UInt64?)
        case fixedArray(UInt64?)
        case extensibleArray
        case tree2(UInt64?)
    }

    init(_ fields: inout FieldReader) throws(SwiftletError) {
        let version = try fields.small()
        switch version {
        case 1, 2: self = try Self.early(&fields)
        // Version 5, of HDF5 2.0, is version 4 with wider sizes in the indexes, which declare their
        // widths.
        case 3...5: self = try Self.late(&fields, version: version)
        default: throw fields.unknown("version", version)
        }
    }

    private static func early(_ fields: inout FieldReader) throws(SwiftletError) -> DataLayout {
        let rank = try fields.small()
        let kind = try fields.small()
        try fields.skip(5)
        let address = kind == 0 ? nil : try fields.address()
        var lengths: [Int] = []
        for _ in 0..<rank { lengths.append(try fields.small(4)) }
        switch kind {
        case 0: return .compact(try fields.take(try fields.small(4)))
        case 1: return .contiguous(address: address, count: nil)
        case 2: return .chunked(try chunks(lengths, .tree1(address), fields))
        default: throw fields.unknown("kind", kind)
        }
    }

    private static func late(
        _ fields: inout FieldReader, version: Int
    ) throws(SwiftletError) -> DataLayout {
        let kind = try fields.small()
        switch kind {
        case 0: return .compact(try fields.take(try fields.small(2)))
        case 1: return .contiguous(address: try fields.address(), count: try fields.length())
        case 2: return .chunked(try version == 3 ? chunks3(&fields) : chunks4(&fields))
        case 3: return .virtual
        default: throw fields.unknown("kind", kind)
        }
    }

    private static func chunks3(_ fields: inout FieldReader) throws(SwiftletError) -> Chunks {
        let rank = try fields.small()
        let address = try fields.address()
        return try chunks(try lengths(&fields, rank, width: 4), .tree1(address), fields)
    }

    private static func chunks4(_ fields: inout FieldReader) throws(SwiftletError) -> Chunks {
        let flags = try fields.small()
        let rank = try fields.small()
        let lengths = try lengths(&fields, rank, width: try fields.small())
        let index: Index
        let kind = try fields.small()
        switch kind {
        case 1:
            let filtered = flags & 2 != 0
            let size = filtered ? try fields.length() : nil
            let mask = filtered ? try fields.small(4) : 0
            index = .single(try fields.address(), storedSize: size, mask: mask)
        case 2: index = .implicit(try fields.address())
        case 3:
            try fields.skip(1)
            index = .fixedArray(try fields.address())
        case 4: index = .extensibleArray
        case 5:
            try fields.skip(6)
            index = .tree2(try fields.address())
        default: throw fields.unknown("chunk index", kind)
        }
        var chunks = try chunks(lengths, index, fields)
        chunks.edgesUnfiltered = flags & 1 != 0
        return chunks
    }

    private static func lengths(
        _ fields: inout FieldReader, _ rank: Int, width: Int
    ) throws(SwiftletError) -> [Int] {
        guard (1...8).contains(width) else {
            throw fields.failure(.hdf5Layout, "has chunk dimensions of \(width) bytes each")
        }
        var lengths: [Int] = []
        for _ in 0..<rank { lengths.append(try fields.count(width)) }
        return lengths
    }

    /// Creates the description of chunks.
    ///
    /// The last dimension is the size of an element in bytes.
    private static func chunks(
        _ lengths: [Int], _ index: Index, _ fields: FieldReader
    ) throws(SwiftletError) -> Chunks {
        guard lengths.count >= 2, lengths.allSatisfy({ $0 > 0 }) else {
            throw fields.failure(.hdf5Layout, "has invalid chunk dimensions \(lengths)")
        }
        return Chunks(
            shape: Array(lengths.dropLast()), elementSize: lengths[lengths.count - 1],
            index: index)
    }
}
