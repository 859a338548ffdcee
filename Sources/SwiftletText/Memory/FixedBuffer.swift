/// Memory of a fixed size at a fixed address, for tables that hot loops read through pointers.
///
/// A buffer is filled before it is shared and only read from then on, which makes it safe to send.
/// Bounds are not checked: each loop over `start` has a comment saying why it stays inside.
final class FixedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    let start: UnsafeMutablePointer<Element>
    let count: Int

    /// Creates a buffer of `count` copies of a value.
    init(repeating value: Element, count: Int) {
        self.count = count
        start = HugeMemory.allocate(max(count, 1))
        start.initialize(repeating: value, count: count)
    }

    /// Creates a copy of the elements that another buffer has in use.
    init(_ elements: GrowingBuffer<Element>) {
        count = elements.count
        start = HugeMemory.allocate(max(count, 1))
        let start = self.start
        elements.withElements {
            // In bounds: as many as there are elements.
            if let base = $0.baseAddress { start.initialize(from: base, count: $0.count) }
        }
    }

    /// Creates a copy of an array; for an empty array, a buffer of one `padding`.
    convenience init(_ elements: [Element], padding: Element) {
        self.init(repeating: padding, count: max(elements.count, 1))
        // In bounds: as many as there are elements.
        elements.withUnsafeBufferPointer {
            if let base = $0.baseAddress { start.update(from: base, count: $0.count) }
        }
    }

    deinit { start.deallocate() }
}
