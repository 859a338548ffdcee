import CSwiftletKernels

extension ComputeContext {
    /// Whether the processor has instructions for products of pairs of bf16.
    static var multipliesPairs: Bool { swiftlet_level_in_use() == SWIFTLET_LEVEL_AVX512_BF16 }

    /// Outputs that a thread rounds at a time.
    static var roundedOutputs: Int { 256 }

    /// A product of a few rows, already rounded to bf16, with a weight that must be rounded first.
    ///
    /// Each piece is a range of outputs, of which one panel is rounded and multiplied at a time.
    func productOfRoundedRows(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        forEachPiece(of: weight.outSize, size: Self.roundedOutputs) { outputs, _, thread in
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
}
