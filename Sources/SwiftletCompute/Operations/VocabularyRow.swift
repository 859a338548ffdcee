import CSwiftletKernels

/// One row of logits over a whole vocabulary: the loops of losses that replace it by their gradient.
///
/// What few elements need in double precision is computed by the caller, who leaves them out of the
/// loops by setting them to −∞ before the first and to 0 before the second.
public struct VocabularyRow {
    private let start: UnsafeMutablePointer<Float>
    /// The number of elements.
    public let count: Int

    /// A row of a matrix.
    public init(_ matrix: Matrix, _ row: Int) {
        precondition(row >= 0 && row < matrix.rows)
        start = matrix.row(row)
        count = matrix.columns
    }

    /// One element.
    public subscript(index: Int) -> Float {
        get {
            precondition(index >= 0 && index < count)
            return start[index]
        }
        nonmutating set {
            precondition(index >= 0 && index < count)
            start[index] = newValue
        }
    }

    /// The elements in double precision.
    public var doubles: [Double] { (0..<count).map { Double(start[$0]) } }

    /// The largest element; NaN if any is NaN.
    public var largest: Float { swiftlet_max(start, count) }

    /// The index of the largest element, the lowest of equal ones.
    public var argmax: Int { swiftlet_argmax(start, count) }

    /// Multiplies every element.
    public func scale(by factor: Float) { swiftlet_scale(factor, start, count) }

    /// The first `limit` indices of elements above a value.
    public func indices(above value: Float, limit: Int) -> [Int] {
        [Int](unsafeUninitializedCapacity: limit) { target, found in
            found = target.withMemoryRebound(to: size_t.self) {
                swiftlet_indices_above(start, count, value, $0.baseAddress, limit)
            }
        }
    }

    /// Replaces x by e^(x − shift).
    ///
    /// - Parameter shift: the largest element.
    /// - Returns: the sum of the powers, and that of the powers times x − shift.
    public func exponentials(shift: Float) -> (sum: Double, dot: Double) {
        var dot = 0.0
        let sum = swiftlet_exp_sum_dot(start, shift, start, count, &dot)
        return (sum, dot)
    }

    // MARK: Evidence

    /// The bounds of evidence, as the loops compute them.
    public struct EvidenceBounds: Sendable {
        /// c.
        public let clamp: Float
        /// e^−c.
        public let low: Float
        /// e^c.
        public let high: Float

        /// The bounds for logits clamped to ±c, c being at most 20.
        public init(clamp: Float) {
            precondition((0...20).contains(clamp))
            self.clamp = clamp
            (low, high) = (Self.power(-clamp), Self.power(clamp))
        }

        private static func power(_ x: Float) -> Float {
            var result: Float = 0
            return withUnsafePointer(to: x) { swiftlet_exp_sum($0, 0, &result, 1) }
        }
    }

    /// Sums over f = e^(x + offset) and the evidence e, which is f within the bounds.
    public struct EvidenceSums: Sendable {
        /// Σ e.
        public var evidence: Double
        /// Σ f.
        public var mass = 0.0
        /// Σ f e.
        public var first = 0.0
        /// Σ f e².
        public var second = 0.0

        /// Creates sums of which only that of the evidence is known.
        public init(evidence: Double) { self.evidence = evidence }

        init(_ sums: [Double]) {
            (evidence, mass, first, second) = (sums[0], sums[1], sums[2], sums[3])
        }
    }

    /// Replaces x by f = e^(x + offset), or something out of bounds where that is.
    ///
    /// - Parameters:
    ///   - offset: added to every logit.
    ///   - bounds: those of the evidence.
    /// - Returns: Σ e.
    public func evidence(offset: Float, _ bounds: EvidenceBounds) -> Double {
        var sum = 0.0
        swiftlet_evidence(start, count, offset, bounds.clamp, bounds.low, bounds.high, &sum)
        return sum
    }

    /// Replaces x by f = e^(x + offset), the exponent within −60 … 60.
    ///
    /// - Parameters:
    ///   - offset: added to every logit.
    ///   - bounds: those of the evidence.
    /// - Returns: the sums.
    public func evidenceMoments(offset: Float, _ bounds: EvidenceBounds) -> EvidenceSums {
        var sums = [0.0, 0, 0, 0]
        swiftlet_evidence_moments(start, count, offset, bounds.low, bounds.high, &sums)
        return EvidenceSums(sums)
    }

    /// Replaces f by e (first + second u(e)) with u(e) = e ψ′(1 + e) − 1, or by 0 outside the bounds.
    ///
    /// - Returns: Σ s(e) with s(e) = G_1(e) − e (``SpecialFunctions``), within 2.6e-5 per element; 0 if
    ///   `second` is 0.
    public func evidentialGradient(_ bounds: EvidenceBounds, first: Float, second: Float) -> Double
    {
        var excess = 0.0
        swiftlet_evidential_hard(
            start, count, bounds.low, bounds.high, first, second, &excess)
        return excess
    }

    /// The coefficients of a row with a soft label p = share · f.
    public struct SoftTerms: Sendable {
        /// What the row weighs.
        public var weight: Double
        /// p/f.
        public var share: Double
        /// The factor of e.
        public var common: Double
        /// The coefficient B of the divergence.
        public var divergence: Double
        /// u_K at the evidence of the row.
        public var slope: Double
        /// The derivative of u_K there.
        public var bend: Double

        /// Creates the coefficients.
        public init(
            weight: Double, share: Double, common: Double, divergence: Double, slope: Double,
            bend: Double
        ) {
            self.weight = weight
            self.share = share
            self.common = common
            self.divergence = divergence
            self.slope = slope
            self.bend = bend
        }
    }

    /// Replaces f by weight · (e common − p e/(1 + e) + B ((1 − p) e u(e) + p e (slope − e bend))), or
    /// by 0 outside the bounds.
    ///
    /// - Returns: Σ s(e), Σ f log(1 + e) and Σ f s(e).
    public func softEvidentialGradient(_ bounds: EvidenceBounds, _ terms: SoftTerms)
        -> (excess: Double, logarithms: Double, products: Double)
    {
        var sums = [0.0, 0, 0]
        var kernel = swiftlet_evidential_terms(
            weight: Float(terms.weight), share: Float(terms.share), common: Float(terms.common),
            divergence: Float(terms.divergence), slope: Float(terms.slope),
            bend: Float(terms.bend))
        swiftlet_evidential_soft(start, count, bounds.low, bounds.high, &kernel, &sums)
        return (sums[0], sums[1], sums[2])
    }
}

extension ComputeContext {
    /// Calls `body` for each row on all threads.
    ///
    /// - Returns: what it returned, in the order of the rows.
    public func values(ofRows count: Int, _ body: @escaping (_ row: Int) -> Double) -> [Double] {
        let results = PartialSums(count: count)
        threads.forEach(count) { row, _ in results[row] = body(row) }
        return (0..<count).map { results[$0] }
    }
}
