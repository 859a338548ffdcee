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
    /// The system gives no more memory.
    public static let noMemory = Self("memory.exhausted", .inputOutput)
}

/// What happens when the system gives no more memory: an error where a run begins, the end of the
/// process, with a line that says why, in the middle of one. Nothing that is written can be hurt:
/// files appear whole or not at all.
enum MemoryExhaustion {
    /// Ends the process.
    static func end(asked bytes: Int) -> Never {
        let line = "error: the system gives no more memory, \(bytes) bytes were asked for\n"
        _ = Array(line.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        _exit(SwiftletError.Kind.inputOutput.rawValue)
    }

    /// Refuses to begin where not even so many bytes can be had.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noMemory``.
    static func require(_ bytes: Int) throws(SwiftletError) {
        // Addresses alone: how many of them OpenBLAS will touch depends on the products.
        let pages = mmap(
            nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let pages, pages != MAP_FAILED else {
            throw SwiftletError(
                .noMemory, "the system gives no more memory, \(bytes) bytes are needed",
                hint: "fewer threads need less; ulimit -v says what is allowed")
        }
        munmap(pages, bytes)
    }
}

extension ComputeContext {
    /// Has OpenBLAS take its memory for each thread now. It asks again without end when the system
    /// gives it none, so this is found out first.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noMemory``.
    public func reserveProductMemory() throws(SwiftletError) {
        try MemoryExhaustion.require(threads.threadCount * Self.productMemory)
        let memory = (0..<threads.threadCount).map { _ in blas_memory_alloc(0) }
        memory.forEach(blas_memory_free)
    }

    /// What OpenBLAS takes for a thread, and some room.
    private static var productMemory: Int { 160 << 20 }
}
