import CSwiftletKernels
import SwiftletBytes

extension Weight {
    /// Writes a part of one row of blocks in single precision.
    ///
    /// Whole blocks are written at once; of a block of which only a part is asked for, the rest is dropped.
    func widenBlocks(
        row: Int, column: Int, count: Int, into target: UnsafeMutablePointer<Float>
    ) {
        guard let block = dtype.block, let kind = dtype.blockKind else {
            preconditionFailure("the weight is not stored in blocks")
        }
        precondition(
            row >= 0 && column >= 0 && count >= 0 && row < outSize && column + count <= inSize)
        let kernel = swiftlet_block_kind(rawValue: kind)
        let rowBytes = inSize / block.elements * block.bytes
        // In bounds: the initializer checked that there are outSize rows of this size.
        let start = bytes.address + row * rowBytes
        var done = 0
        while done < count {
            let (index, skipped) = (column + done).quotientAndRemainder(dividingBy: block.elements)
            let source = start + index * block.bytes
            let whole = (count - done) / block.elements
            if skipped == 0, whole > 0 {
                swiftlet_widen_blocks(kernel, source, target + done, whole)
                done += whole * block.elements
                continue
            }
            let part = min(block.elements - skipped, count - done)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: block.elements) { scratch in
                guard let elements = scratch.baseAddress else { return }
                swiftlet_widen_blocks(kernel, source, elements, 1)
                (target + done).update(from: elements + skipped, count: part)
            }
            done += part
        }
    }
}
