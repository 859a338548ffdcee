/// One number per piece of work.
///
/// Each is written by the thread that works on the piece; the total is taken in order.
final class PartialSums: @unchecked Sendable {
    private let values: UnsafeMutableBufferPointer<Double>

    init(count: Int) {
        values = .allocate(capacity: count)
        values.initialize(repeating: 0)
    }

    deinit { values.deallocate() }

    subscript(index: Int) -> Double {
        get { values[index] }
        set { values[index] = newValue }
    }

    var total: Double { values.reduce(0, +) }
}
