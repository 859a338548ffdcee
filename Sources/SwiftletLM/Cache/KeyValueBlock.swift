import SwiftletCompute

/// The keys and values of some consecutive positions, for all layers of a decoder.
final class KeyValueBlock: @unchecked Sendable {
    /// Positions in a block.
    static let positions = 64

    /// What a block holds for each position.
    struct Shape: Sendable {
        let layerCount: Int
        /// Key and value heads.
        let headCount: Int
        let headSize: Int

        /// Elements of a position's keys, or values, in one layer.
        var width: Int { headCount * headSize }
    }

    private let buffer: FloatBuffer
    private let shape: Shape

    init(_ shape: Shape) {
        self.shape = shape
        buffer = FloatBuffer(count: shape.layerCount * 2 * Self.positions * shape.width)
    }

    /// A copy with memory of its own.
    init(copying other: KeyValueBlock) {
        shape = other.shape
        buffer = FloatBuffer(count: other.buffer.count)
        Matrix(buffer, offset: 0, rows: 1, columns: buffer.count, stride: buffer.count).copy(
            from: Matrix(
                other.buffer, offset: 0, rows: 1, columns: buffer.count, stride: buffer.count))
    }

    /// A row a position: the keys of a layer.
    func keys(layer: Int) -> Heads { part(2 * layer) }

    /// A row a position: the values of a layer.
    func values(layer: Int) -> Heads { part(2 * layer + 1) }

    private func part(_ index: Int) -> Heads {
        Heads(
            Matrix(
                buffer, offset: index * Self.positions * shape.width, rows: Self.positions,
                columns: shape.width, stride: shape.width),
            count: shape.headCount, size: shape.headSize)
    }
}
