import SwiftletCompute

/// The keys and values of some consecutive positions, for all layers of a decoder.
final class KeyValueBlock: @unchecked Sendable {
    /// Positions in a block.
    static let positions = 64

    private let buffer: FloatBuffer
    private let width: Int

    init(layerCount: Int, width: Int) {
        self.width = width
        buffer = FloatBuffer(count: layerCount * 2 * Self.positions * width)
    }

    /// A copy with memory of its own.
    init(copying other: KeyValueBlock) {
        width = other.width
        buffer = FloatBuffer(count: other.buffer.count)
        Matrix(buffer, offset: 0, rows: 1, columns: buffer.count, stride: buffer.count).copy(
            from: Matrix(
                other.buffer, offset: 0, rows: 1, columns: buffer.count, stride: buffer.count))
    }

    /// positions × width: the keys of a layer.
    func keys(layer: Int) -> Matrix { part(2 * layer) }

    /// positions × width: the values of a layer.
    func values(layer: Int) -> Matrix { part(2 * layer + 1) }

    private func part(_ index: Int) -> Matrix {
        Matrix(
            buffer, offset: index * Self.positions * width, rows: Self.positions, columns: width,
            stride: width)
    }
}
