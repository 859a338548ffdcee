import SwiftletBytes

/// An index of chunks by number, in an array whose length was fixed when the dataset was created.
enum FixedArray {
    static func read(
        at address: UInt64, grid: ChunkGrid, filtered: Bool, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> [ChunkedElements.Chunk] {
        let space = reader.space
        var head = try reader.checkedBlock(
            at: address, count: 12 + space.lengthBytes + space.offsetBytes, signature: "FAHD",
            "a fixed array")
        _ = try head.version(0...0)
        let client = try head.small()
        let entryBytes = try head.small()
        let pageBits = try head.small()
        let count = try head.length()
        let block = try head.address()
        // Unfiltered: an address. Filtered: an address, a size and a four-byte mask.
        let sizeBytes = entryBytes - space.offsetBytes - 4
        guard client == (filtered ? 1 : 0),
            filtered ? (1...8).contains(sizeBytes) : entryBytes == space.offsetBytes
        else {
            throw head.failure(
                .hdf5Chunk, "of kind \(client) cannot have entries of \(entryBytes) bytes")
        }
        guard grid.indexCount == count, pageBits < 32 else {
            throw head.failure(
                .hdf5Chunk, "has \(count) entries instead of \(grid.indexCount ?? 0)")
        }
        guard let block else { return [] }
        var array = Entries(
            entryBytes: entryBytes, count: count, pageEntries: 1 << pageBits, client: client,
            header: address)
        try array.read(at: block, &reader)
        var chunks: [ChunkedElements.Chunk] = []
        for (number, var entry) in array.entries {
            guard let address = try entry.address(), let position = grid.position(of: number)
            else { continue }
            chunks.append(
                ChunkedElements.Chunk(
                    position: position, address: address,
                    count: filtered ? try entry.count(sizeBytes) : grid.chunkBytes,
                    mask: filtered ? try entry.small(4) : 0))
        }
        return chunks
    }

    /// The entries of the data block, contiguous or in pages.
    ///
    /// Pages may be missing if they were never written.
    private struct Entries {
        let entryBytes: Int
        let count: Int
        let pageEntries: Int
        let client: Int
        let header: UInt64
        var entries: [(number: Int, fields: FieldReader)] = []

        mutating func read(
            at address: UInt64, _ reader: inout MetadataReader
        ) throws(SwiftletError) {
            let what = "a fixed array block"
            let headBytes = 6 + reader.space.offsetBytes
            let isPaged = count > pageEntries
            let pages = isPaged ? (count - 1) / pageEntries + 1 : 0
            // Checked before anything is multiplied by the count.
            guard count <= reader.space.bytes.count / entryBytes else {
                throw SwiftletError(
                    .hdf5Address, "\(what) of \(count) entries does not fit in the file",
                    at: reader.space.place(address))
            }
            let mapBytes = (pages + 7) / 8
            var block = try reader.checkedBlock(
                at: address,
                count: headBytes + 4 + (isPaged ? mapBytes : count * entryBytes),
                signature: "FADB", what)
            _ = try block.version(0...0)
            guard try block.small() == client, try block.address() == header else {
                throw block.failure(.hdf5Chunk, "belongs to a different array")
            }
            guard isPaged else { return try append(&block, from: 0, count: count) }
            let map = try block.take(mapBytes).copy()
            let pageBytes = pageEntries * entryBytes + 4
            for page in 0..<pages where map[page / 8] & (0x80 >> UInt8(page % 8)) != 0 {
                let first = page * pageEntries
                let length = min(pageEntries, count - first)
                let (start, overflow) = address.addingReportingOverflow(
                    UInt64(headBytes + mapBytes + 4 + page * pageBytes))
                guard !overflow else {
                    throw block.failure(.hdf5Address, "extends past the end of the file")
                }
                var fields = try reader.checkedBlock(
                    at: start, count: length * entryBytes + 4, signature: "",
                    "a fixed array page")
                try append(&fields, from: first, count: length)
            }
        }

        private mutating func append(
            _ fields: inout FieldReader, from first: Int, count: Int
        ) throws(SwiftletError) {
            for number in first..<first + count {
                entries.append((number, try fields.part(entryBytes, "a chunk entry")))
            }
        }
    }
}
