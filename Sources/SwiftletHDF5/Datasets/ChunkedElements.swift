import SwiftletBytes

/// The elements of a chunked dataset.
///
/// Each chunk is located and decoded, and the part of it that is inside the dataset is copied.
struct ChunkedElements {
    /// A chunk as it is stored in the file.
    struct Chunk {
        /// The position in the grid of chunks.
        var position: [Int]
        var address: UInt64
        /// The number of bytes in the file.
        var count: Int
        /// A bit mask of the filters that were skipped.
        var mask = 0
    }

    /// The number of bytes of all chunks in the file.
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
                    .hdf5Chunk, "duplicate chunk at \(chunk.position)", at: place)
            }
            stored = stored.addingReportingOverflow(chunk.count).partialValue
            guard stored >= 0, stored <= reader.space.bytes.count else {
                throw SwiftletError(
                    .hdf5Chunk, "the chunks overlap: together they are larger than the file",
                    at: place)
            }
        }
        storedBytes = stored
        // Chunks are decoded completely, including the parts outside the dataset.
        let (work, overflow) = grid.chunkBytes.multipliedReportingOverflow(by: chunks.count)
        guard !overflow, work <= ElementBuffer.limit(stored: stored) else {
            throw SwiftletError(
                .hdf5SizeBomb,
                "\(chunks.count) chunks of \(grid.chunkBytes) bytes cannot come from "
                    + "\(stored) stored bytes",
                at: place)
        }
    }

    /// Copies the chunks to `buffer`, which has been filled with the fill value of the dataset.
    func read(
        _ buffer: ElementBuffer, bigEndian: Bool, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> ByteView {
        for chunk in chunks {
            let stored = try reader.space.slice(
                at: chunk.address, count: chunk.count, "a chunk")
            let isUnfiltered = edgesUnfiltered && grid.isAtEdge(chunk.position)
            do throws(SwiftletError) {
                if pipeline.steps.isEmpty || isUnfiltered {
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
                .hdf5Chunk, "the chunk has \(count) bytes instead of \(grid.chunkBytes)")
        }
    }
}
