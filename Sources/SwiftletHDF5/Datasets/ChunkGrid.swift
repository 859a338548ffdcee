import SwiftletBytes

/// The division of a dataset into chunks.
struct ChunkGrid {
    let shape: [Int]
    let elementSize: Int
    /// The dimensions of a chunk in elements.
    let chunkShape: [Int]
    /// The size of a decoded chunk in bytes.
    let chunkBytes: Int
    /// The number of chunks along each dimension of the dataset.
    let counts: [Int]
    /// The number of chunks along each dimension at the dataset's maximum size.
    ///
    /// An unlimited dimension counts at its current size.
    private let countsAtLimit: [Int]

    init(
        _ layout: DataLayout.Chunks, shape: [Int], limits: [Int?], elementSize: Int, place: String
    ) throws(SwiftletError) {
        guard layout.shape.count == shape.count, layout.elementSize == elementSize else {
            throw SwiftletError(
                .hdf5Layout,
                "chunks of shape \(layout.shape) with elements of \(layout.elementSize) bytes "
                    + "do not match a dataset of shape \(shape) with elements of "
                    + "\(elementSize) bytes", at: place)
        }
        guard let elements = StoredTensor.elementCount(of: layout.shape) else {
            throw SwiftletError(
                .hdf5SizeBomb, "chunks of shape \(layout.shape) are too large", at: place)
        }
        let (bytes, overflow) = elements.multipliedReportingOverflow(by: elementSize)
        // The format stores chunk sizes in four bytes.
        guard !overflow, bytes <= UInt32.max else {
            throw SwiftletError(
                .hdf5SizeBomb, "chunks of shape \(layout.shape) are too large", at: place)
        }
        (self.shape, self.elementSize, chunkShape, chunkBytes) =
            (shape, elementSize, layout.shape, bytes)
        func chunks(_ length: Int, _ axis: Int) -> Int {
            length / layout.shape[axis] + (length % layout.shape[axis] > 0 ? 1 : 0)
        }
        counts = shape.indices.map { chunks(shape[$0], $0) }
        countsAtLimit = shape.indices.map { chunks(limits[$0] ?? shape[$0], $0) }
    }

    /// The number of entries in an index by chunk number, or nil if that overflows.
    var indexCount: Int? { StoredTensor.elementCount(of: countsAtLimit) }

    /// The grid position of the chunk with the given number, where the last dimension varies
    /// fastest.
    ///
    /// Returns nil if it is outside the current dataset.
    func position(of number: Int) -> [Int]? {
        var position = [Int](repeating: 0, count: shape.count)
        var rest = number
        for axis in shape.indices.reversed() {
            guard countsAtLimit[axis] > 0 else { return nil }
            position[axis] = rest % countsAtLimit[axis]
            rest /= countsAtLimit[axis]
        }
        return rest == 0 && isInside(position) ? position : nil
    }

    /// Whether a position is inside the grid.
    func isInside(_ position: [Int]) -> Bool {
        position.indices.allSatisfy { position[$0] >= 0 && position[$0] < counts[$0] }
    }

    /// Whether a chunk extends past the edge of the dataset.
    func isAtEdge(_ position: [Int]) -> Bool {
        position.indices.contains { shape[$0] - position[$0] * chunkShape[$0] < chunkShape[$0] }
    }

    /// Calls `body` with each contiguous run of bytes of a chunk that is inside the dataset.
    ///
    /// - Parameters:
    ///   - position: A position inside the grid, so that no product below can overflow.
    ///   - body: Receives a range of bytes in the chunk and the offset of their destination in the
    ///     dataset.
    func copy(_ position: [Int], _ body: (Range<Int>, Int) -> Void) {
        let rank = shape.count
        guard rank > 0 else { return body(0..<chunkBytes, 0) }
        let starts = position.indices.map { position[$0] * chunkShape[$0] }
        let lengths = starts.indices.map { min(chunkShape[$0], shape[$0] - starts[$0]) }
        guard lengths.allSatisfy({ $0 > 0 }) else { return }
        var strides = [Int](repeating: elementSize, count: rank)
        var chunkStrides = strides
        for axis in (0..<rank - 1).reversed() {
            strides[axis] = strides[axis + 1] * shape[axis + 1]
            chunkStrides[axis] = chunkStrides[axis + 1] * chunkShape[axis + 1]
        }
        let run = lengths[rank - 1] * elementSize
        var index = [Int](repeating: 0, count: rank)
        var target = zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
        var source = 0
        while true {
            body(source..<source + run, target)
            // Go to the next row by counting up from the second to last dimension.
            var axis = rank - 2
            while axis >= 0 {
                index[axis] += 1
                source += chunkStrides[axis]
                target += strides[axis]
                if index[axis] < lengths[axis] { break }
                source -= index[axis] * chunkStrides[axis]
                target -= index[axis] * strides[axis]
                index[axis] = 0
                axis -= 1
            }
            if axis < 0 { return }
        }
    }
}
