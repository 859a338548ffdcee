import CSwiftletKernels

extension ComputeContext {
    /// Performs one AdamW update in place on parameters and moments in any form.
    ///
    /// The arithmetic is that of the update in single precision. Elements kept in bf16 are rounded
    /// up or down at random, with the probability of their distance: rounding to nearest would lose
    /// most updates, which are less than half a unit in the last place. The random bits are a
    /// function of `key` and the element's index, so results do not depend on the number of threads.
    ///
    /// - Parameters:
    ///   - parameter: the values.
    ///   - gradient: their gradient, contiguous, used as gradient × `gradientScale`.
    ///   - firstMoment: the running mean of the gradient; not split.
    ///   - secondMoment: the running mean of the squared gradient, in the form of the first.
    ///   - gradientScale: the factor from clipping, or 1.
    ///   - step: the numbers of this update.
    ///   - key: differs for each parameter and each update.
    public func adamW(
        _ parameter: StateMatrix, gradient: Matrix, firstMoment: StateMatrix,
        secondMoment: StateMatrix, gradientScale: Double, step: AdamWStep, key: UInt32
    ) {
        if case .single(let values) = parameter, case .single(let first) = firstMoment,
            case .single(let second) = secondMoment
        {
            adamW(
                values, gradient: gradient, firstMoment: first, secondMoment: second,
                gradientScale: gradientScale, step: step)
            return
        }
        precondition(gradient.isContiguous && gradient.count == parameter.count)
        precondition(
            firstMoment.count == parameter.count && secondMoment.count == parameter.count)
        precondition(firstMoment.form == secondMoment.form && firstMoment.form != .split)
        let forms = (parameter.kernelForm, firstMoment.kernelForm)
        forEachPiece(of: parameter.count, size: Self.elementsPerPiece) { range, _, _ in
            let start = range.lowerBound
            swiftlet_adamw_narrow(
                forms.0, parameter.address(start), parameter.low(start), gradient.pointer + start,
                forms.1, firstMoment.address(start), secondMoment.address(start), range.count,
                gradientScale, step.learningRate, step.beta1, step.beta2, step.epsilon,
                step.weightDecay, step.correction1, step.correction2, key,
                UInt32(truncatingIfNeeded: start))
        }
    }

    /// The sum of the squares of a matrix's elements, accumulated in Double.
    ///
    /// Pieces are added in order, so the sum does not depend on the number of threads.
    public func sumOfSquares(_ x: StateMatrix) -> Double {
        guard case .half(let half) = x else { return sumOfSquares(x.widened) }
        let pieces = (x.count + Self.elementsPerPiece - 1) / Self.elementsPerPiece
        let sums = PartialSums(count: pieces)
        forEachPiece(of: x.count, size: Self.elementsPerPiece) { range, piece, thread in
            let scratch = self.scratchMatrix(thread, rows: 1, columns: range.count)
            half.widen(from: range.lowerBound, count: range.count, into: scratch.pointer)
            sums[piece] = swiftlet_sum_of_squares(scratch.pointer, range.count)
        }
        return sums.total
    }
}

extension StateMatrix {
    fileprivate var kernelForm: swiftlet_state {
        switch form {
        case .single: SWIFTLET_STATE_F32
        case .half: SWIFTLET_STATE_BF16
        case .split: SWIFTLET_STATE_SPLIT
        }
    }

    /// The address of an element, or of its upper half.
    fileprivate func address(_ index: Int) -> UnsafeMutableRawPointer {
        switch self {
        case .single(let matrix): UnsafeMutableRawPointer(matrix.pointer + index)
        case .half(let half): half.high(index)
        }
    }

    fileprivate func low(_ index: Int) -> UnsafeMutableRawPointer? {
        switch self {
        case .single: nil
        case .half(let half): half.low(index)
        }
    }
}
