import SwiftletBytes

/// A dataset in chunks: each is found, decoded, and its part that lies in the dataset copied.
struct ChunkedElements {
    /// A chunk as it lies in the file.
    struct Chunk {
        /// Its place in the grid of chunks.
        var position: [Int]
        var address: UInt64
        /// The bytes in the file.
        var count: Int
        /// The steps of the pipeline that were left out, as bits.
        var mask = 0
    }

    /// The bytes of all chunks in the file.
    let storedBytes: Int

    private let grid: ChunkGrid
    private let chunks: [Chunk]
    private let pipeline: FilterPipeline
    private let edgesUnfiltered: Bool
    private let place: String

    init(
        chunks layout: DataLayout.Chunks, shape: [Int], elementSize: Int, header: ObjectHeader,
        _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        place = reader.space.place(header.address)
        if let message = header.first(.filters) {
            var fields = try message.fields("a filter pipeline")
            pipeline = try FilterPipeline(&fields)
        } else {
            pipeline = FilterPipeline()
        }
        try pipeline.checkSupported()
        var dataspace = try header.required(.dataspace, "a dataspace", reader)
        grid = try ChunkGrid(
            layout, shape: shape, limits: try Dataspace(&dataspace).limits,
            elementSize: elementSize, place: place)
        chunks = try ChunkIndex.read(
            layout.index, grid: grid, filtered: !pipeline.steps.isEmpty, &reader)
        edgesUnfiltered = layout.edgesUnfiltered
        var stored = 0
        var positions: Set<[Int]> = []
        for chunk in chunks {
            guard positions.insert(chunk.position).inserted else {
                throw SwiftletError(
                    .hdf5Chunk, "two chunks at \(chunk.position)", at: place)
            }
            stored = stored.addingReportingOverflow(chunk.count).partialValue
            guard stored >= 0, stored <= reader.space.bytes.count else {
                throw SwiftletError(
                    .hdf5Chunk, "the chunks' bytes are more than the file's: they overlap",
                    at: place)
            }
        }
        storedBytes = stored
        // What is decoded is the chunks as a whole, parts outside the dataset included.
        let (work, overflow) = grid.chunkBytes.multipliedReportingOverflow(by: chunks.count)
        guard !overflow, work <= ElementBuffer.limit(stored: stored) else {
            throw SwiftletError(
                .hdf5SizeBomb,
                "\(chunks.count) chunks of \(grid.chunkBytes) bytes from \(stored) stored bytes",
                at: place)
        }
    }

    /// Fills `buffer`, which holds the dataset's fill value, with the chunks.
    func read(
        _ buffer: ElementBuffer, bigEndian: Bool, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> ByteView {
        for chunk in chunks {
            let stored = try reader.space.slice(
                at: chunk.address, count: chunk.count, "a chunk")
            let isEdge = edgesUnfiltered && grid.reachesOver(chunk.position)
            do throws(SwiftletError) {
                if pipeline.steps.isEmpty || isEdge {
                    try checkSize(stored.count)
                    grid.copy(chunk.position) { range, offset in
                        buffer.write(stored, range, at: offset)
                    }
                } else {
                    let bytes = try pipeline.decode(
                        stored, limit: grid.chunkBytes, mask: chunk.mask)
                    try checkSize(bytes.count)
                    grid.copy(chunk.position) { range, offset in
                        buffer.write(bytes, range, at: offset)
                    }
                }
            } catch {
                throw error.at("chunk \(chunk.position), \(reader.space.place(chunk.address))")
            }
        }
        if bigEndian { buffer.swap(elementSize: grid.elementSize) }
        return buffer.view
    }

    private func checkSize(_ count: Int) throws(SwiftletError) {
        guard count == grid.chunkBytes else {
            throw SwiftletError(
                .hdf5Chunk, "a chunk of \(count) bytes instead of \(grid.chunkBytes)")
        }
    }
}
