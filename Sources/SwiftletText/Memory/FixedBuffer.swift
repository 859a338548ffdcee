/// Memory of a fixed size at a fixed address, for tables that the hot loops read through pointers.
///
/// Whoever fills it does so before sharing it; from then on it is only read, which makes it safe to
/// send. Reading past `count` is the caller's duty to avoid: each loop that does it says why it
/// stays inside.
final class FixedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    let start: UnsafeMutablePointer<Element>
    let count: Int

    /// `count` elements of the same value.
    init(repeating value: Element, count: Int) {
        self.count = count
        start = HugeMemory.allocate(max(count, 1))
        start.initialize(repeating: value, count: count)
    }

    /// A copy of what another buffer has in use.
    init(_ elements: GrowingBuffer<Element>) {
        count = elements.count
        start = HugeMemory.allocate(max(count, 1))
        let start = self.start
        elements.withElements {
            // In bounds: as many as there are elements.
            if let base = $0.baseAddress { start.initialize(from: base, count: $0.count) }
        }
    }

    /// A copy of an array.
    convenience init(_ elements: [Element], padding: Element) {
        self.init(repeating: padding, count: max(elements.count, 1))
        // In bounds: as many as there are elements.
        elements.withUnsafeBufferPointer {
            if let base = $0.baseAddress { start.update(from: base, count: $0.count) }
        }
    }

    deinit { start.deallocate() }
}
