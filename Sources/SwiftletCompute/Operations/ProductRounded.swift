import CSwiftletKernels

extension ComputeContext {
    /// Whether the processor has instructions for products of pairs of bf16.
    static var multipliesPairs: Bool { swiftlet_level_in_use() == SWIFTLET_LEVEL_AVX512_BF16 }

    /// A product of a few rows, already rounded to bf16, with a weight that must be rounded first.
    ///
    /// Each piece is a range of outputs, of which one panel is rounded and multiplied at a time.
    func productOfRoundedRows(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        forEachPiece(of: weight.outSize, size: 256) { outputs, _, thread in
            let target = y.columns(outputs)
            let starts = target.begin(
                bias: bias?.columns(outputs), residual: residual?.columns(outputs))
            if !starts { target.fill(0) }
            var first = 0
            while first < weight.inSize {
                let inputs = first..<min(first + Self.panelDepth, weight.inSize)
                let panel = self.widenedPanel(
                    weight, inputs: inputs, outputs: outputs, thread: thread)
                swiftlet_round_bf16(panel.pointer, panel.pointer, panel.count)
                let product =
                    weight.order == .outIn ? swiftlet_product_out_in : swiftlet_product_in_out
                product(
                    SWIFTLET_F32, panel.pointer, panel.stride, x.pointer + first, x.stride, nil,
                    target.pointer, target.stride, x.rows, outputs.count, inputs.count, 1)
                first = inputs.upperBound
            }
        }
    }

    /// target (+)= x · weight[:, outputs] with instructions for pairs of bf16, on the calling
    /// thread.
    ///
    /// The values of `x` must be representable in bf16.
    func multiplyPairs(
        _ x: Matrix, _ weight: Weight, outputs: Range<Int>, into target: Matrix, accumulate: Bool,
        thread: Int
    ) {
        var first = 0
        // The target is written even if the weight has no inputs.
        if weight.inSize == 0, !accumulate { target.fill(0) }
        while first < weight.inSize {
            let inputs = first..<min(first + Self.panelDepth, weight.inSize)
            let isInOut = weight.order == .inOut
            let (rows, columns) = isInOut ? (inputs, outputs) : (outputs, inputs)
            let pairs = (inputs.count + 1) / 2
            let packedWords = swiftlet_packed_bf16_words(outputs.count, inputs.count)
            let copyWords = weight.dtype == .bf16 ? 0 : (rows.count * columns.count + 1) / 2
            let lineWords = weight.dtype == .f16 ? columns.count : 0
            // 32-bit words: the packed weight, the pairs of x, the rounded copy of the weight and one
            // widened row. All four parts are inside `words`.
            let words = self.scratchMatrix(
                thread, rows: 1, columns: packedWords + x.rows * pairs + copyWords + lineWords)
            let packed = UnsafeMutableRawPointer(words.pointer)
                .assumingMemoryBound(to: UInt32.self)
            let ownPairs = packed + packedWords
            for row in 0..<x.rows {
                let line = ownPairs + row * pairs
                line[pairs - 1] = 0
                swiftlet_narrow(SWIFTLET_BF16, x.row(row) + first, line, inputs.count)
            }
            let start = weight.address(row: rows.lowerBound, column: columns.lowerBound)
            if weight.dtype == .bf16 {
                swiftlet_pack_bf16(
                    isInOut ? 1 : 0, start.assumingMemoryBound(to: UInt16.self),
                    weight.leadingDimension, outputs.count, inputs.count, packed)
            } else {
                let copy = UnsafeMutableRawPointer(ownPairs + x.rows * pairs)
                let line = words.pointer + (words.columns - lineWords)
                for row in 0..<rows.count {
                    let source = weight.address(
                        row: rows.lowerBound + row, column: columns.lowerBound)
                    var singles = source.assumingMemoryBound(to: Float.self)
                    if weight.dtype == .f16 {
                        swiftlet_widen(SWIFTLET_F16, source, line, columns.count)
                        singles = UnsafePointer(line)
                    }
                    swiftlet_narrow(
                        SWIFTLET_BF16, singles, copy + 2 * row * columns.count, columns.count)
                }
                swiftlet_pack_bf16(
                    isInOut ? 1 : 0, copy.assumingMemoryBound(to: UInt16.self), columns.count,
                    outputs.count, inputs.count, packed)
            }
            swiftlet_product_packed_bf16(
                packed, ownPairs, pairs, target.pointer, target.stride, x.rows, outputs.count,
                inputs.count, accumulate || first > 0 ? 1 : 0)
            first = inputs.upperBound
        }
    }
}
