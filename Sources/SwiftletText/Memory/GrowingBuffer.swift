/// A growing array that loops write through a pointer.
///
/// A buffer has one user at a time, so exclusivity checking is switched off.
final class GrowingBuffer<Element: BitwiseCopyable> {
    @exclusivity(unchecked) private(set) var start: UnsafeMutablePointer<Element>
    @exclusivity(unchecked) private(set) var capacity: Int
    /// The number of elements in use, at most `capacity`.
    @exclusivity(unchecked) var count = 0

    /// The smallest capacity.
    private static var fewest: Int { 4096 }

    /// Creates an empty buffer with room for at least `capacity` elements.
    init(capacity: Int = 0) {
        self.capacity = max(capacity, Self.fewest)
        start = HugeMemory.allocate(self.capacity)
    }

    deinit { start.deallocate() }

    /// Makes room for `more` elements after the first `count`.
    @inline(__always)
    func reserve(_ more: Int) {
        if capacity &- count < more { grow(more) }
    }

    @inline(never)
    private func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let fresh: UnsafeMutablePointer<Element> = HugeMemory.allocate(larger)
        // In bounds: `count` elements are in use, and larger >= count.
        fresh.update(from: start, count: count)
        start.deallocate()
        start = fresh
        capacity = larger
    }

    /// Appends an element.
    @inline(__always)
    func append(_ element: Element) {
        reserve(1)
        start[count] = element
        count &+= 1
    }

    /// Appends the `added` elements at `elements`.
    @inline(__always)
    func append(_ elements: UnsafePointer<Element>, count added: Int) {
        reserve(added)
        // In bounds: reserved.
        (start + count).update(from: elements, count: added)
        count += added
    }

    /// Removes all elements.
    ///
    /// A large buffer gives its memory back and starts small again.
    func removeAll() {
        count = 0
        guard capacity > 1 << 20 else { return }
        start.deallocate()
        capacity = Self.fewest
        start = HugeMemory.allocate(capacity)
    }

    /// Appends all elements of another buffer.
    func append(_ other: GrowingBuffer) {
        other.withElements {
            if let base = $0.baseAddress { append(base, count: $0.count) }
        }
    }

    /// The last element.
    @inline(__always)
    var last: Element? { count > 0 ? start[count &- 1] : nil }

    /// Calls `body` with the elements in use; `body` must not append or remove any.
    @inline(__always)
    func withElements<Result, Failure: Error>(
        _ body: (UnsafeMutableBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { extendLifetime(self) }
        return try body(UnsafeMutableBufferPointer(start: start, count: count))
    }
}

/// The ids that encoding produces.
typealias IDBuffer = GrowingBuffer<Int32>

extension IDBuffer {
    /// The ids as an array.
    var ids: [Int32] { withElements { Array($0) } }
}
