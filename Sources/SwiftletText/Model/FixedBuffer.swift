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
        let byteCount = max(count, 1) * MemoryLayout<Element>.stride
        if byteCount < HugeMemory.page {
            start = .allocate(capacity: max(count, 1))
        } else {
            start = HugeMemory.allocate(byteCount).bindMemory(to: Element.self, capacity: count)
        }
        start.initialize(repeating: value, count: count)
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

/// A growing array of ids that loops write through a pointer.
final class IDBuffer {
    private(set) var start: UnsafeMutablePointer<Int32>
    private(set) var capacity: Int
    /// How many ids are in use; at most `capacity`.
    var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        start = .allocate(capacity: capacity)
    }

    deinit { start.deallocate() }

    /// Makes room for `more` ids after `count`.
    @inline(__always)
    func reserve(_ more: Int) {
        if capacity &- count < more { grow(more) }
    }

    @inline(never)
    private func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let fresh = UnsafeMutablePointer<Int32>.allocate(capacity: larger)
        // In bounds: `count` ids are in use, and larger >= count.
        fresh.update(from: start, count: count)
        start.deallocate()
        start = fresh
        capacity = larger
    }

    /// Adds one id.
    func append(_ id: Int32) {
        reserve(1)
        start[count] = id
        count += 1
    }

    /// Adds the `added` ids at `ids`.
    @inline(__always)
    func append(_ ids: UnsafePointer<Int32>, count added: Int) {
        reserve(added)
        // In bounds: reserved.
        (start + count).update(from: ids, count: added)
        count += added
    }

    /// Drops the ids; of much memory, all but a little is given back.
    func removeAll() {
        count = 0
        guard capacity > 1 << 20 else { return }
        start.deallocate()
        capacity = 4096
        start = .allocate(capacity: capacity)
    }

    /// The ids as an array.
    var ids: [Int32] { Array(UnsafeBufferPointer(start: start, count: count)) }
}
