import SwiftletBytes

/// Compares tensors element by element.
final class ElementComparison {
    private let atol: Double
    private let rtol: Double
    private let left = ElementReader()
    private let right = ElementReader()

    init(atol: Double, rtol: Double) {
        self.atol = atol
        self.rtol = rtol
    }

    /// How two tensors differ; nil if they do not.
    func difference(
        _ a: StoredTensor, _ b: StoredTensor, name: String
    ) throws(SwiftletError) -> CheckpointComparison.Difference? {
        func incomparable(_ reason: String) -> CheckpointComparison.Difference {
            CheckpointComparison.Difference(name: name, maxAbs: nil, maxRel: nil, reason: reason)
        }
        guard a.shape == b.shape else {
            return incomparable("shape \(a.shape) against \(b.shape)")
        }
        guard ElementReader.canRead(a.dtype), ElementReader.canRead(b.dtype) else {
            if NamedTensors.areIdentical(a, b) { return nil }
            return incomparable(
                a.dtype == b.dtype
                    ? "other bytes of dtype \(a.dtype.rawValue)"
                    : "dtype \(a.dtype.rawValue) against \(b.dtype.rawValue)")
        }
        var state = State()
        var passed = (PassedBytes(a.bytes), PassedBytes(b.bytes))
        for range in ElementReader.chunks(of: a) {
            try SwiftletError.checkCancellation()
            if !areSameBytes(a, b, range) {
                compare(left.read(a, range), right.read(b, range), &state)
            }
            passed.0.pass(range.upperBound * a.dtype.bits / 8)
            passed.1.pass(range.upperBound * b.dtype.bits / 8)
        }
        guard state.differs else { return nil }
        return CheckpointComparison.Difference(
            name: name, maxAbs: state.maxAbs, maxRel: state.maxRel, reason: nil)
    }

    private struct State {
        var differs = false
        var maxAbs = 0.0
        var maxRel = 0.0
    }

    private func compare(
        _ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>, _ state: inout State
    ) {
        for i in a.indices {
            let (x, y) = (a[i], b[i])
            if x == y || (x.isNaN && y.isNaN) { continue }
            guard x.isFinite, y.isFinite else {
                state = State(differs: true, maxAbs: .infinity, maxRel: .infinity)
                continue
            }
            let difference = abs(x - y)
            if !(difference <= atol + rtol * abs(y)) { state.differs = true }
            state.maxAbs = max(state.maxAbs, difference)
            state.maxRel = max(state.maxRel, y == 0 ? .infinity : difference / abs(y))
        }
    }

    private func areSameBytes(_ a: StoredTensor, _ b: StoredTensor, _ range: Range<Int>) -> Bool {
        guard a.dtype == b.dtype else { return false }
        let size = a.dtype.bits / 8
        let part = range.lowerBound * size..<range.upperBound * size
        return a.bytes[part].withUnsafeBytes { left in
            b.bytes[part].withUnsafeBytes { left.elementsEqualBytes($0) }
        }
    }
}
