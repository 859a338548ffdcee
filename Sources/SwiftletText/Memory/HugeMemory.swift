import SwiftletBytes

/// Memory for tables that are read at random: in pages of two megabytes where the system has them,
/// which avoids most misses in the translation of addresses.
enum HugeMemory {
    /// The size of a large page, below which asking for one is not worth it.
    static let page = 2 << 20

    /// Allocates uninitialized memory for `count` elements, at least one, to be freed by
    /// `deallocate()`.
    ///
    /// Blocks smaller than a large page come from pages of the usual size.
    static func allocate<Element: BitwiseCopyable>(_ count: Int) -> UnsafeMutablePointer<Element> {
        let byteCount = count * MemoryLayout<Element>.stride
        guard byteCount >= page else { return .allocate(capacity: count) }
        return allocate(byteCount).bindMemory(to: Element.self, capacity: count)
    }

    /// Allocates uninitialized memory, to be freed by `deallocate()`.
    static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let start = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: page)
        SystemMemory.preferHugePages(start, byteCount)
        return start
    }
}
