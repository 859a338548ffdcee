import SwiftletBytes

/// Memory for single-precision numbers, zeroed when it is created.
///
/// Every ``Matrix`` is a view into a buffer and keeps it alive. A buffer starts on a boundary of at
/// least 64 bytes.
public final class FloatBuffer: @unchecked Sendable {
    /// The number of elements.
    public let count: Int
    /// `count` elements that live as long as this object.
    ///
    /// Whoever writes makes sure that no other thread uses the same elements at the time; the
    /// `@unchecked Sendable` conformance rests on nothing else.
    let start: UnsafeMutablePointer<Float>
    /// The length of the memory map to remove; 0 for memory from the heap.
    private let mappedBytes: Int

    /// Allocates `count` zeros.
    ///
    /// If the system has no memory left, the process ends with a message on stderr. Where an error
    /// can be handled, use ``AnonymousFloats`` instead.
    public convenience init(count: Int) {
        guard let memory = Self.anonymousMemory(count: count) else {
            MemoryExhaustion.end(requested: count * MemoryLayout<Float>.stride)
        }
        self.init(owning: memory.start, count: count, mappedBytes: memory.mappedBytes)
    }

    /// Takes ownership of memory that holds `count` zeros.
    ///
    /// - Parameters:
    ///   - start: the first byte, on a boundary of 64 bytes.
    ///   - count: the number of elements.
    ///   - mappedBytes: the length of the memory map that begins at `start`; 0 for memory from the
    ///     heap.
    init(owning start: UnsafeMutableRawPointer, count: Int, mappedBytes: Int) {
        self.count = count
        self.start = start.bindMemory(to: Float.self, capacity: count)
        self.mappedBytes = mappedBytes
    }

    deinit {
        if mappedBytes > 0 {
            SystemMemory.unmap(start, mappedBytes)
        } else {
            UnsafeMutableRawPointer(start).deallocate()
        }
    }

    /// From this size on, memory is mapped instead of taken from the heap.
    private static let mappingThreshold = 1 << 20

    /// Zeroed memory that no file backs, or nil if the system has none left.
    ///
    /// Large buffers are mapped: their pages cost nothing until they are touched. Huge pages are
    /// requested because products walk buffers in large strides.
    static func anonymousMemory(count: Int) -> (start: UnsafeMutableRawPointer, mappedBytes: Int)? {
        precondition(count >= 0, "a buffer cannot have a negative size")
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        guard bytes >= mappingThreshold else {
            let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
            return (memory, 0)
        }
        guard let pages = SystemMemory.map(bytes) else { return nil }
        SystemMemory.preferHugePages(pages, bytes)
        return (pages, bytes)
    }
}
