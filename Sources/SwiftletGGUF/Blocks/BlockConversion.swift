import CSwiftletKernels
import SwiftletBytes

/// Conversions between singles and blocks of quantized elements.
public enum BlockConversion {
    /// Widens blocks to singles, to the bits that the gguf package and ggml compute.
    ///
    /// - Parameters:
    ///   - bytes: Whole blocks.
    ///   - dtype: A block type.
    /// - Returns: The elements.
    public static func widen(_ bytes: ByteView, _ dtype: DType) -> [Float] {
        guard let block = dtype.block else {
            preconditionFailure("\(dtype.rawValue) has no blocks")
        }
        precondition(bytes.count.isMultiple(of: block.bytes), "the bytes must be whole blocks")
        let elements = bytes.count / block.bytes * block.elements
        return unsafe [Float](unsafeUninitializedCapacity: elements) { target, count in
            unsafe bytes.withUnsafeBytes { source in
                guard let source = source.baseAddress, let target = target.baseAddress else {
                    return
                }
                // In bounds: both have room for `elements` elements.
                unsafe dtype.widenBlocks(source, elements, into: target)
            }
            count = elements
        }
    }

    /// Rounds singles to blocks of Q8_0, to the bits of ggml's reference, `quantize_row_q8_0_ref`.
    ///
    /// - Parameter values: A multiple of 32 elements.
    /// - Returns: The blocks, and the number of those whose scale is not finite, because an element is not
    ///   or its magnitude is too large for a half.
    public static func quantize(_ values: [Float]) -> (bytes: [UInt8], overflows: Int) {
        precondition(values.count.isMultiple(of: 32), "the elements must be whole blocks")
        let blocks = values.count / 32
        var overflows = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: blocks * 34) { target, count in
            unsafe values.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = target.baseAddress else {
                    return
                }
                // In bounds: both have room for `blocks` blocks.
                overflows = unsafe swiftlet_narrow_q8_0(source, target, blocks)
            }
            count = blocks * 34
        }
        return (bytes, overflows)
    }
}

extension DType {
    /// Widens whole blocks to single precision.
    ///
    /// - Parameters:
    ///   - source: The blocks of `count` elements.
    ///   - count: A multiple of the elements of a block.
    ///   - target: Memory for `count` elements.
    @unsafe
    package func widenBlocks(
        _ source: UnsafeRawPointer, _ count: Int, into target: UnsafeMutablePointer<Float>
    ) {
        guard let block, let kind = blockKind else {
            preconditionFailure("\(rawValue) has no blocks")
        }
        unsafe swiftlet_widen_blocks(
            swiftlet_block_kind(rawValue: kind), source, target, count / block.elements)
    }
}
