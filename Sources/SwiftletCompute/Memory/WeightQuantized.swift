import CSwiftletKernels
import SwiftletBytes

extension Weight {
    /// Returns the weight in 8 bits.
    ///
    /// Each output has a scale: its largest magnitude divided by 127. Its elements are stored as
    /// multiples of the scale from −127 to 127, rounded to nearest even. An output with an infinite
    /// or NaN element gets the scale NaN; an output whose magnitudes are all below 1e-35 becomes
    /// zero.
    ///
    /// Rows of the memory are widened one at a time on all threads, so the weight is never held in
    /// f32 as a whole.
    ///
    /// - Parameter context: the threads.
    /// - Returns: A weight of dtype i8 in the same order, in new memory; `self` if it already is one.
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

    /// Rows are inputs here, so a column's scale is known only after a first pass over all rows.
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

    /// The value of one step, and its reciprocal, by which elements are multiplied.
    private static func scale(magnitude: Float) -> (scale: Float, factor: Float) {
        guard magnitude.isFinite else { return (.nan, 0) }
        // For smaller magnitudes 127 / magnitude is infinite, or close to it.
        return magnitude < 1e-35 ? (0, 0) : (magnitude / 127, 127 / magnitude)
    }
}

/// Memory for 8-bit elements.
///
/// Only ``Weight/quantized(_:)`` writes to it, each element on one thread, before it is shared; the
/// `@unchecked Sendable` conformance rests on nothing else.
private final class Integers: @unchecked Sendable {
    let start: UnsafeMutablePointer<Int8>
    let count: Int
    private let buffer: FloatBuffer

    init(count: Int) {
        self.count = count
        // Four integers per float; the memory is never accessed as floats.
        buffer = FloatBuffer(count: (count + 3) / 4)
        start = UnsafeMutableRawPointer(buffer.start).bindMemory(to: Int8.self, capacity: count)
    }
}
