import CSwiftletBLAS
import SwiftletBytes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension SwiftletError.Code {
    /// The system has no memory left.
    public static let noMemory = Self("memory.exhausted", .inputOutput)
}

/// What happens when the system has no memory left.
///
/// Before a run starts it is an error. In the middle of one, the process ends with a line that says
/// why; nothing on disk is damaged, because files appear whole or not at all.
enum MemoryExhaustion {
    /// Ends the process.
    static func end(requested bytes: Int) -> Never {
        let line = "error: out of memory, \(bytes) bytes were requested\n"
        _ = Array(line.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        _exit(SwiftletError.Kind.inputOutput.rawValue)
    }

    /// The error of a request that the system refused.
    static func error(requested bytes: Int) -> SwiftletError {
        SwiftletError(.noMemory, "out of memory, \(bytes) bytes were requested")
    }

    /// Checks that at least this much memory can be had.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noMemory``.
    static func require(_ bytes: Int) throws(SwiftletError) {
        // Only address space: how much of it OpenBLAS will touch depends on the products.
        let pages = mmap(
            nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let pages, pages != MAP_FAILED else {
            throw error(requested: bytes).hinting(
                "use fewer threads, or raise the limit (ulimit -v)")
        }
        munmap(pages, bytes)
    }
}

extension ComputeContext {
    /// Makes OpenBLAS allocate its memory for each thread now.
    ///
    /// When the system refuses memory, OpenBLAS repeats the request forever; so this checks first
    /// that enough can be had.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noMemory``.
    public func reserveProductMemory() throws(SwiftletError) {
        try MemoryExhaustion.require(threads.threadCount * Self.productMemory)
        let memory = (0..<threads.threadCount).map { _ in blas_memory_alloc(0) }
        memory.forEach(blas_memory_free)
    }

    /// What OpenBLAS allocates per thread, with some room.
    private static var productMemory: Int { 160 << 20 }
}
