import SwiftletBytes

/// How a dataset is cut into chunks.
struct ChunkGrid {
    let shape: [Int]
    let elementSize: Int
    /// The lengths of a chunk in elements.
    let chunkShape: [Int]
    /// The bytes of a chunk, decoded.
    let chunkBytes: Int
    /// The number of chunks along each dimension of the dataset.
    let counts: [Int]
    /// The number of chunks along each dimension as far as the dataset may grow; the first stays
    /// open where it has no limit.
    private let countsAtLimit: [Int]

    init(
        _ layout: DataLayout.Chunks, shape: [Int], limits: [Int?], elementSize: Int, place: String
    ) throws(SwiftletError) {
        guard layout.shape.count == shape.count, layout.elementSize == elementSize else {
            throw SwiftletError(
                .hdf5Layout,
                "chunks of shape \(layout.shape) and elements of \(layout.elementSize) bytes for "
                    + "a dataset of shape \(shape) and elements of \(elementSize)", at: place)
        }
        guard let elements = StoredTensor.elementCount(of: layout.shape) else {
            throw SwiftletError(
                .hdf5SizeBomb, "chunks of shape \(layout.shape)", at: place)
        }
        let (bytes, overflow) = elements.multipliedReportingOverflow(by: elementSize)
        // The format states chunk sizes in four bytes.
        guard !overflow, bytes <= UInt32.max else {
            throw SwiftletError(
                .hdf5SizeBomb, "chunks of shape \(layout.shape)", at: place)
        }
        (self.shape, self.elementSize, chunkShape, chunkBytes) =
            (shape, elementSize, layout.shape, bytes)
        func chunks(_ length: Int, _ axis: Int) -> Int {
            length / layout.shape[axis] + (length % layout.shape[axis] > 0 ? 1 : 0)
        }
        counts = shape.indices.map { chunks(shape[$0], $0) }
        countsAtLimit = shape.indices.map { chunks(limits[$0] ?? shape[$0], $0) }
    }

    /// The number of chunks that an index by number has room for; nil when there are too many.
    var indexCount: Int? { StoredTensor.elementCount(of: countsAtLimit) }

    /// The place of the chunk of that number, the last dimension running fastest; nil when it lies
    /// outside the dataset as it is now.
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

    /// Whether there is a chunk at that place of the grid.
    func isInside(_ position: [Int]) -> Bool {
        position.indices.allSatisfy { position[$0] >= 0 && position[$0] < counts[$0] }
    }

    /// Whether a part of the chunk lies outside the dataset.
    func reachesOver(_ position: [Int]) -> Bool {
        position.indices.contains { shape[$0] - position[$0] * chunkShape[$0] < chunkShape[$0] }
    }

    /// Calls `body` with each run of bytes of a chunk that lies in the dataset, and where.
    ///
    /// - Parameter position: inside the grid, so that no product below leaves the dataset.
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
            // The next row: count up from the last dimension but one.
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
