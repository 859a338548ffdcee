import SwiftletBytes

/// The heap that stores the links and attributes of an object once there are many.
struct FractalHeap {
    /// A range of addresses in the heap, and the bytes there.
    private struct Block {
        var start: Int
        var bytes: ByteView
    }

    private var blocks: [Block] = []
    private var huge: [UInt64: (address: UInt64, count: Int)] = [:]
    private var tableWidth = 0
    private var startBytes = 0
    private var directLimit = 0
    private var offsetBytes = 0
    private var lengthBytes = 0
    private var idBytes = 0
    private var blocksChecked = false
    private let heapAddress: UInt64
    private let place: FieldReader
    private var seen: Set<UInt64> = []

    init(at address: UInt64, _ reader: inout MetadataReader) throws(SwiftletError) {
        let space = reader.space
        var head = try reader.checkedBlock(
            at: address, count: 26 + 12 * space.lengthBytes + 3 * space.offsetBytes,
            signature: "FRHP", "a fractal heap")
        (heapAddress, place) = (address, head)
        _ = try head.version(0...0)
        idBytes = try head.small(2)
        let filterBytes = try head.small(2)
        guard filterBytes == 0 else {
            throw .unsupported(
                .hdf5Filter, "fractal heaps with filters are not supported",
                at: space.place(address))
        }
        blocksChecked = try head.small() & 2 != 0
        let objectLimit = try head.small(4)
        try head.skip(space.lengthBytes)
        let hugeTree = try head.address()
        // Free space and statistics.
        try head.skip(space.offsetBytes + 9 * space.lengthBytes)
        tableWidth = try head.small(2)
        startBytes = try head.length()
        directLimit = try head.length()
        let addressBits = try head.small(2)
        try head.skip(2)
        let root = try head.address()
        let rows = try head.small(2)
        guard tableWidth > 0, Self.isPowerOfTwo(startBytes), Self.isPowerOfTwo(directLimit),
            startBytes <= directLimit, (1...62).contains(addressBits),
            directLimit <= 1 << min(addressBits, 40)
        else { throw head.failure(.hdf5Heap, "has invalid block sizes") }
        offsetBytes = (addressBits + 7) / 8
        lengthBytes = min(
            (directLimit.trailingZeroBitCount + 7) / 8,
            (Int.bitWidth - max(objectLimit, 1).leadingZeroBitCount - 1) / 8 + 1)
        if let root {
            if rows == 0 {
                try readDirect(at: root, start: 0, count: startBytes, &reader)
            } else {
                try readIndirect(at: root, start: 0, rows: rows, &reader)
            }
        }
        if let hugeTree { try readHuge(at: hugeTree, &reader) }
    }

    private static func isPowerOfTwo(_ value: Int) -> Bool {
        value > 0 && value & (value - 1) == 0
    }

    /// Returns the object with the given identifier.
    func object(_ id: ByteView, _ reader: inout MetadataReader) throws(SwiftletError) -> ByteView {
        var fields = FieldReader(id, "a heap identifier", at: heapAddress, in: reader.space)
        let head = try fields.small()
        guard head >> 6 == 0 else { throw fields.unknown("version", head >> 6) }
        switch head >> 4 & 3 {
        case 0:
            let offset = try fields.count(offsetBytes)
            let count = try fields.small(lengthBytes)
            // Find the last block that starts at or before the offset.
            var (low, high) = (0, blocks.count)
            while low < high {
                let middle = (low + high) / 2
                if blocks[middle].start <= offset { low = middle + 1 } else { high = middle }
            }
            guard low > 0,
                let object = blocks[low - 1].bytes.checkedSlice(
                    offset: offset - blocks[low - 1].start, count: count)
            else {
                throw place.failure(.hdf5Heap, "has no object of \(count) bytes at \(offset)")
            }
            try reader.spend(count)
            return object
        case 1:
            let number = try fields.number(min(fields.remaining, reader.space.lengthBytes))
            guard let found = huge[number] else {
                throw place.failure(.hdf5Heap, "has no large object \(number)")
            }
            return try reader.block(at: found.address, count: found.count, "a large object").bytes
        case 2:
            // The length is in the first byte; longer identifiers have a second length byte.
            let isLong = idBytes > 17
            let count = isLong ? (head & 15) << 8 | (try fields.small()) : head & 15
            return try fields.take(count + 1)
        default: throw fields.unknown("kind", head >> 4 & 3)
        }
    }
}

// The doubling table: rows of blocks, whose size doubles with each row after the second.
extension FractalHeap {
    private func blockBytes(row: Int) -> Int? {
        let (bytes, overflow) = startBytes.multipliedReportingOverflow(
            by: row <= 1 ? 1 : row - 1 < 62 ? 1 << (row - 1) : Int.max)
        return overflow ? nil : bytes
    }

    private mutating func readDirect(
        at address: UInt64, start: Int, count: Int, _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        var block = try reader.block(at: address, count: count, "a heap block")
        try block.expect("FHDB")
        try checkHead(&block, start: start)
        if blocksChecked {
            let position = block.position
            let stored = try block.number(4)
            // The checksum is computed with its own bytes set to zero.
            var bytes = block.bytes.copy()
            for index in position..<position + 4 { bytes[index] = 0 }
            try block.check(stated: stored, found: Lookup3.hash(ByteView(bytes)))
        }
        blocks.append(Block(start: start, bytes: block.bytes))
    }

    private mutating func readIndirect(
        at address: UInt64, start: Int, rows: Int, _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        let addresses = reader.space.offsetBytes
        let (entries, overflow) = rows.multipliedReportingOverflow(by: tableWidth * addresses)
        guard !overflow, entries <= reader.space.bytes.count else {
            throw place.failure(.hdf5Heap, "has too many rows: \(rows)")
        }
        var block = try reader.checkedBlock(
            at: address, count: 5 + addresses + offsetBytes + entries + 4, signature: "FHIB",
            "an indirect heap block")
        try checkHead(&block, start: start)
        var offset = start
        for row in 0..<rows {
            guard let count = blockBytes(row: row) else {
                throw block.failure(.hdf5Heap, "has a block size that overflows")
            }
            for _ in 0..<tableWidth {
                if let child = try block.address() {
                    if count <= directLimit {
                        try readDirect(at: child, start: offset, count: count, &reader)
                    } else {
                        try readIndirect(
                            at: child, start: offset,
                            rows: Self.rows(
                                of: count, width: tableWidth, start: startBytes), &reader)
                    }
                }
                let (next, overflow) = offset.addingReportingOverflow(count)
                guard !overflow else {
                    throw block.failure(.hdf5Heap, "has an offset that overflows")
                }
                offset = next
            }
        }
    }

    /// The number of rows in a table that covers `count` bytes.
    private static func rows(of count: Int, width: Int, start: Int) -> Int {
        let firstRow = max(start * width, 1)
        let ratio = max(count / firstRow, 1)
        return Int.bitWidth - ratio.leadingZeroBitCount
    }

    /// Checks the header of a block: its version, heap and offset in the heap.
    private mutating func checkHead(
        _ block: inout FieldReader, start: Int
    ) throws(SwiftletError) {
        guard seen.insert(block.origin).inserted else {
            throw block.failure(.hdf5Cycle, "occurs more than once")
        }
        _ = try block.version(0...0)
        guard try block.address() == heapAddress, try block.count(offsetBytes) == start else {
            throw block.failure(.hdf5Heap, "belongs to a different heap or offset")
        }
    }

    private mutating func readHuge(
        at address: UInt64, _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        for var record in try BTree2(at: address, kind: .hugeObjects, &reader).records {
            let address = try record.definedAddress("large object")
            let count = try record.length()
            huge[try record.number(reader.space.lengthBytes)] = (address, count)
        }
    }
}
