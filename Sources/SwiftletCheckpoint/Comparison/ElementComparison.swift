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

    /// Returns how two tensors differ; nil if they do not.
    func difference(
        _ a: StoredTensor, _ b: StoredTensor, name: String
    ) throws(SwiftletError) -> CheckpointComparison.Difference? {
        func incomparable(_ reason: String) -> CheckpointComparison.Difference {
            CheckpointComparison.Difference(name: name, maxAbs: nil, maxRel: nil, reason: reason)
        }
        guard a.shape == b.shape else {
            return incomparable("shapes \(a.shape) and \(b.shape)")
        }
        guard ElementReader.canRead(a.dtype), ElementReader.canRead(b.dtype) else {
            if try NamedTensors.areIdentical(a, b) { return nil }
            return incomparable(
                a.dtype == b.dtype
                    ? "different bytes, dtype \(a.dtype.rawValue)"
                    : "dtypes \(a.dtype.rawValue) and \(b.dtype.rawValue)")
        }
        let (a, b) = (a.inElementOrder, b.inElementOrder)
        var state = State()
        var readers = (try TensorReader(a), try TensorReader(b))
        for range in ElementReader.chunks(of: a) {
            try SwiftletError.checkCancellation()
            let x = readers.0.bytes(ElementReader.bytes(of: range, a.dtype))
            let y = readers.1.bytes(ElementReader.bytes(of: range, b.dtype))
            if a.dtype != b.dtype || !areSame(x, y) {
                compare(left.read(x, a.dtype), right.read(y, b.dtype), &state)
            }
        }
        readers.0.finish()
        readers.1.finish()
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

    private func areSame(_ a: ByteView, _ b: ByteView) -> Bool {
        a.withUnsafeBytes { left in b.withUnsafeBytes { left.elementsEqualBytes($0) } }
    }
}
