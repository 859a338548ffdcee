#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Memory for tables that are read at random: in pages of two megabytes where the system has them,
/// so that a lookup does not wait for a page's address too.
enum HugeMemory {
    /// From here on it is worth it.
    static let page = 2 << 20

    /// Uninitialized memory of `count` elements, at least one, to be given back by `deallocate()`; in
    /// pages of usual size where a large one would not be filled.
    static func allocate<Element: BitwiseCopyable>(_ count: Int) -> UnsafeMutablePointer<Element> {
        let byteCount = count * MemoryLayout<Element>.stride
        guard byteCount >= page else { return .allocate(capacity: count) }
        return allocate(byteCount).bindMemory(to: Element.self, capacity: count)
    }

    /// Uninitialized memory, to be given back by `deallocate()`.
    static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let start = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: page)
        #if canImport(Glibc) || canImport(Musl)
            // A wish, so its failure is nothing.
            madvise(start, byteCount, MADV_HUGEPAGE)
        #endif
        return start
    }
}
