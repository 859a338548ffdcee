import SwiftletCompute

/// The keys and values of consecutive positions, for all layers of a decoder.
final class KeyValueBlock: @unchecked Sendable {
    /// Positions per block.
    static let positions = 64

    /// What a block stores per position.
    struct Shape: Sendable {
        let layerCount: Int
        /// Key and value heads.
        let headCount: Int
        let headSize: Int
        let storage: CachedHeads.Storage

        /// Elements of one position's keys, or values, in one layer.
        var width: Int { headCount * headSize }
    }

    private let buffer: FloatBuffer
    private let shape: Shape

    init(_ shape: Shape) {
        self.shape = shape
        buffer = FloatBuffer(
            count: CachedHeads.floats(
                shape.layerCount * 2 * Self.positions * shape.width, shape.storage))
    }

    /// A new block that begins with a copy of another's first positions.
    init(copying other: KeyValueBlock, count: Int) {
        shape = other.shape
        buffer = FloatBuffer(count: other.buffer.count)
        for index in 0..<2 * shape.layerCount {
            part(index).rows(0..<count).copy(from: other.part(index).rows(0..<count))
        }
    }

    /// The keys of a layer, one row per position.
    func keys(layer: Int) -> CachedHeads { part(2 * layer) }

    /// The values of a layer, one row per position.
    func values(layer: Int) -> CachedHeads { part(2 * layer + 1) }

    private func part(_ index: Int) -> CachedHeads {
        CachedHeads(
            buffer, shape.storage, offset: index * Self.positions * shape.width,
            rows: Self.positions, count: shape.headCount, size: shape.headSize)
    }
}
