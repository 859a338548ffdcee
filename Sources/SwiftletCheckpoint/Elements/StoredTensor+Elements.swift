import SwiftletBytes
import SwiftletGGUF

extension StoredTensor {
    /// The tensor in a form whose bytes are elements or blocks in row-major order.
    ///
    /// Blocks lie along the rows of the stored matrix, so a matrix of blocks that the model has transposed
    /// is widened to single precision first, as a whole, when its bytes are read; that happens for GPT-2's
    /// quantized matrices only. Every other tensor is returned as it is.
    package var inElementOrder: StoredTensor {
        guard dtype.block != nil, let stored = transposeOf else { return self }
        return stored.widenedBlocks.transposed()?.renamed(name) ?? self
    }

    /// A tensor of blocks in single precision, which is made whenever its bytes are read.
    var widenedBlocks: StoredTensor {
        StoredTensor(name: name, dtype: .f32, shape: shape, file: file) {
            () throws(SwiftletError) -> ByteView in
            let blocks = try bytes
            return ByteView(count: 4 * elementCount) { target in
                blocks.withUnsafeBytes { source in
                    guard let source = source.baseAddress,
                        let target = target.bindMemory(to: Float.self).baseAddress
                    else { return }
                    dtype.widenBlocks(source, elementCount, into: target)
                }
            }
        }
    }
}

extension DType {
    /// The size in bytes of elements that make whole bytes and blocks.
    func size(of elements: Int) -> Int {
        block.map { elements / $0.elements * $0.bytes } ?? elements * bits / 8
    }
}
