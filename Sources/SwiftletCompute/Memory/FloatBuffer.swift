#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Zeroed memory for single-precision numbers, aligned to 64 bytes; the owner of every ``Matrix``
/// view into it.
///
/// Large buffers are mapped: their pages cost nothing until they are touched, and huge pages are
/// asked for, since products walk them in strides.
public final class FloatBuffer: @unchecked Sendable {
    /// The number of elements.
    public let count: Int
    /// `count` elements, alive as long as this object. Whoever writes sees to it that nobody else
    /// uses the same elements meanwhile; that is the whole of the `@unchecked Sendable` claim.
    let start: UnsafeMutablePointer<Float>
    private let mappedBytes: Int

    /// Sizes from here on are mapped.
    private static let mappingThreshold = 1 << 20

    /// Allocates `count` zeros.
    public init(count: Int) {
        precondition(count >= 0, "a buffer has no negative size")
        self.count = count
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        if bytes >= Self.mappingThreshold {
            let pages = mmap(
                nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let pages, pages != MAP_FAILED else { MemoryExhaustion.end(asked: bytes) }
            #if os(Linux)
                madvise(pages, bytes, MADV_HUGEPAGE)
            #endif
            mappedBytes = bytes
            start = pages.bindMemory(to: Float.self, capacity: count)
        } else {
            mappedBytes = 0
            let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            start = memory.initializeMemory(as: Float.self, repeating: 0, count: count)
        }
    }

    deinit {
        if mappedBytes > 0 {
            munmap(start, mappedBytes)
        } else {
            UnsafeMutableRawPointer(start).deallocate()
        }
    }
}
