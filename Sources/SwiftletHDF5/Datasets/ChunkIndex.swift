import SwiftletBytes

/// Finds the chunks of a dataset through any of the supported kinds of index.
enum ChunkIndex {
    /// Returns all chunks that have been written and are inside the dataset.
    static func read(
        _ index: DataLayout.Index, grid: ChunkGrid, filtered: Bool,
        _ reader: inout MetadataReader
    ) throws(SwiftletError) -> [ChunkedElements.Chunk] {
        switch index {
        case .tree1(let address?):
            var tree = ChunkTree(grid: grid, filtered: filtered)
            try tree.readNode(at: address, level: nil, &reader)
            return tree.chunks
        case .single(let address?, let storedSize, let mask):
            return [
                ChunkedElements.Chunk(
                    position: grid.counts.map { _ in 0 }, address: address,
                    count: storedSize ?? grid.chunkBytes, mask: mask)
            ].filter { grid.isInside($0.position) }
        case .implicit(let address?): return try implicit(address, grid, &reader)
        case .fixedArray(let address?):
            return try FixedArray.read(at: address, grid: grid, filtered: filtered, &reader)
        case .tree2(let address?): return try tree2(address, grid, filtered, &reader)
        case .extensibleArray:
            throw .unsupported(
                .hdf5ChunkIndex,
                "chunks in an extensible array (one unlimited dimension) are not supported")
        case .tree1(nil), .single(nil, _, _), .implicit(nil), .fixedArray(nil), .tree2(nil):
            return []
        }
    }

    /// Returns the chunks of an implicit index: contiguous in the order of their numbers, and all
    /// written.
    private static func implicit(
        _ address: UInt64, _ grid: ChunkGrid, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> [ChunkedElements.Chunk] {
        let total = (grid.indexCount ?? Int.max).multipliedReportingOverflow(by: grid.chunkBytes)
        guard !total.overflow, grid.chunkBytes > 0 else {
            throw SwiftletError(.hdf5SizeBomb, "the size of the chunks overflows")
        }
        _ = try reader.space.slice(at: address, count: total.partialValue, "an array of chunks")
        var chunks: [ChunkedElements.Chunk] = []
        for number in 0..<total.partialValue / grid.chunkBytes {
            guard let position = grid.position(of: number) else { continue }
            chunks.append(
                ChunkedElements.Chunk(
                    position: position, address: address + UInt64(number * grid.chunkBytes),
                    count: grid.chunkBytes))
        }
        return chunks
    }

    private static func tree2(
        _ address: UInt64, _ grid: ChunkGrid, _ filtered: Bool, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> [ChunkedElements.Chunk] {
        let tree = try BTree2(
            at: address, kind: filtered ? .filteredChunks : .chunks, &reader)
        let rank = grid.shape.count
        // The size of a filtered chunk takes the bytes that the other fields leave.
        let sizeBytes = tree.recordBytes - reader.space.offsetBytes - 4 - 8 * rank
        var chunks: [ChunkedElements.Chunk] = []
        for var record in tree.records {
            let address = try record.definedAddress("chunk")
            var chunk = ChunkedElements.Chunk(
                position: [], address: address, count: grid.chunkBytes)
            if filtered {
                guard (1...8).contains(sizeBytes) else {
                    throw record.failure(
                        .hdf5Chunk, "of \(tree.recordBytes) bytes cannot describe a chunk")
                }
                chunk.count = try record.count(sizeBytes)
                chunk.mask = try record.small(4)
            }
            for _ in 0..<rank { chunk.position.append(try record.count(8)) }
            guard grid.isInside(chunk.position) else {
                throw record.failure(
                    .hdf5Chunk, "has a chunk at \(chunk.position), outside the dataset")
            }
            chunks.append(chunk)
        }
        return chunks
    }
}

/// The chunks in a version 1 B-tree.
private struct ChunkTree {
    let grid: ChunkGrid
    let filtered: Bool
    var chunks: [ChunkedElements.Chunk] = []
    private var seen: Set<UInt64> = []

    init(grid: ChunkGrid, filtered: Bool) { (self.grid, self.filtered) = (grid, filtered) }

    /// The start of a chunk; for the last key of a node, the end of its chunks.
    private struct Key {
        var count: Int
        var mask: Int
        /// The offsets in elements, followed by a byte offset inside an element: 0 for chunks.
        var start: [Int]

        init(_ fields: FieldReader, rank: Int) throws(SwiftletError) {
            var fields = fields
            (count, mask, start) = (try fields.small(4), try fields.small(4), [])
            for _ in 0...rank { start.append(try fields.count(8)) }
        }
    }

    /// Reads a node whose keys must be inside `bounds`, given by the keys of its parent.
    ///
    /// In a tree that is out of order, libhdf5 finds only some of the chunks.
    mutating func readNode(
        at address: UInt64, level: Int?, bounds: ([Int], [Int])? = nil,
        _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        let rank = grid.shape.count
        let node = try BTree1Node(
            at: address, kind: 1, keyBytes: 8 + 8 * (rank + 1), level: level, &reader)
        guard seen.insert(address).inserted else { throw node.cycle() }
        var keys: [Key] = []
        for fields in node.keys {
            let key = try Key(fields, rank: rank)
            let least = keys.last?.start ?? bounds?.0
            let isFirst = keys.isEmpty
            if let least, !least.lexicographicallyPrecedes(key.start),
                !isFirst || key.start != least
            {
                throw fields.failure(.hdf5Chunk, "\(key.start) does not follow \(least)")
            }
            if let most = bounds?.1, most.lexicographicallyPrecedes(key.start) {
                throw fields.failure(.hdf5Chunk, "\(key.start) exceeds the upper bound \(most)")
            }
            keys.append(key)
        }
        for (index, child) in node.children.enumerated() {
            if node.level > 0 {
                try readNode(
                    at: child, level: node.level - 1,
                    bounds: (keys[index].start, keys[index + 1].start), &reader)
            } else {
                try append(keys[index], at: child, node.keys[index])
            }
        }
    }

    private mutating func append(
        _ key: Key, at address: UInt64, _ fields: FieldReader
    ) throws(SwiftletError) {
        var chunk = ChunkedElements.Chunk(
            position: [], address: address, count: key.count, mask: key.mask)
        for (start, length) in zip(key.start, grid.chunkShape) {
            guard start % length == 0 else {
                throw fields.failure(.hdf5Chunk, "has a chunk off the grid, at \(start)")
            }
            chunk.position.append(start / length)
        }
        guard grid.isInside(chunk.position), key.start.last == 0 else {
            throw fields.failure(
                .hdf5Chunk, "has a chunk at \(key.start), outside the dataset")
        }
        chunks.append(chunk)
    }
}
