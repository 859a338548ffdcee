import CSwiftletKernels
import SwiftletBytes

extension Weight {
    /// The weight in 8 bits: each output's elements as multiples, from −127 to 127, of a scale of its
    /// own, the largest magnitude among them / 127, rounded to nearest even. An output with an element
    /// that is no finite number has the scale NaN; one of elements below 1e-35 is zero.
    ///
    /// Rows of the memory are widened one at a time, on all threads: the whole is never held in f32.
    ///
    /// - Parameter context: the threads.
    /// - Returns: a weight of dtype i8 in the same order, in memory of its own; `self` if it is one.
    public func quantized(_ context: ComputeContext) -> Weight {
        guard dtype != .i8 else { return self }
        let target = Integers(count: outSize * inSize)
        let scales = Matrix(rows: 1, columns: outSize)
        switch order {
        case .outIn: quantizeRows(context, scales, target)
        case .inOut: quantizeColumns(context, scales, target)
        }
        let bytes = ByteView(
            owner: target, start: UnsafeRawPointer(target.start), count: target.count)
        return Weight(quantized: bytes, scales: scales, inSize: inSize, order: order)
    }

    private func quantizeRows(_ context: ComputeContext, _ scales: Matrix, _ target: Integers) {
        context.forEachPiece(of: outSize, size: 16) { rows, _, thread in
            let line = context.scratchMatrix(thread, rows: 1, columns: inSize)
            for row in rows {
                widen(row: row, column: 0, count: inSize, into: line.pointer)
                let (scale, factor) = Self.scale(
                    magnitude: swiftlet_largest_magnitude(line.pointer, inSize))
                scales.pointer[row] = scale
                // In bounds: row < outSize, and the target holds outSize rows of inSize.
                swiftlet_quantize(line.pointer, nil, factor, target.start + row * inSize, inSize)
            }
        }
    }

    /// Two passes over the rows, which are inputs: the columns' magnitudes, then the rounding.
    private func quantizeColumns(
        _ context: ComputeContext, _ scales: Matrix, _ target: Integers
    ) {
        let size = 512
        context.forEachPiece(of: outSize, size: size) { columns, _, thread in
            let (first, count) = (columns.lowerBound, columns.count)
            let scratch = context.scratchMatrix(thread, rows: 3, columns: size)
            let (line, most, factors) = (scratch.row(0), scratch.row(1), scratch.row(2))
            most.update(repeating: 0, count: count)
            for row in 0..<inSize {
                widen(row: row, column: first, count: count, into: line)
                swiftlet_raise_magnitudes(line, most, count)
            }
            for column in 0..<count {
                let (scale, factor) = Self.scale(magnitude: most[column])
                scales.pointer[first + column] = scale
                factors[column] = factor
            }
            for row in 0..<inSize {
                widen(row: row, column: first, count: count, into: line)
                // In bounds: the target holds inSize rows of outSize, and first + count ≤ outSize.
                swiftlet_quantize(
                    line, factors, 0, target.start + row * outSize + first, count)
            }
        }
    }

    /// What one step counts for, and the steps in a unit.
    private static func scale(magnitude: Float) -> (scale: Float, factor: Float) {
        guard magnitude.isFinite else { return (.nan, 0) }
        // Below this 127 / magnitude is infinite, or nearly.
        return magnitude < 1e-35 ? (0, 0) : (magnitude / 127, 127 / magnitude)
    }
}

/// Memory for 8-bit elements. Written by ``Weight/quantized(_:)`` alone, each element by one thread,
/// before anyone else sees it; that is the whole of the `@unchecked Sendable` claim.
private final class Integers: @unchecked Sendable {
    let start: UnsafeMutablePointer<Int8>
    let count: Int
    private let buffer: FloatBuffer

    init(count: Int) {
        self.count = count
        // Four to a float; the buffer's memory is written as nothing else.
        buffer = FloatBuffer(count: (count + 3) / 4)
        start = UnsafeMutableRawPointer(buffer.start).bindMemory(to: Int8.self, capacity: count)
    }
}
