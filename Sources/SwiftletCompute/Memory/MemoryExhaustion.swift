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
        end(SwiftletError(.noMemory, "out of memory: \(bytes) bytes were refused"))
    }

    /// Ends the process with the exit status of an error, in code that cannot throw.
    static func end(_ error: SwiftletError) -> Never {
        let line = "error: \(error)\n"
        _ = Array(line.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        _exit(error.code.kind.rawValue)
    }

    /// Checks that the system would give `bytes` bytes now.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noMemory``.
    static func require(_ bytes: Int) throws(SwiftletError) {
        // Addresses alone: how many of them OpenBLAS will touch depends on the products.
        let pages = mmap(
            nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let pages, pages != MAP_FAILED else {
            throw SwiftletError(
                .noMemory, "out of memory: \(bytes) bytes are needed to multiply matrices",
                hint: "fewer threads need less; ulimit -v shows the limit")
        }
        munmap(pages, bytes)
    }
}

extension ComputeContext {
    /// Opens the library that multiplies matrices, and has it take its memory for each thread now:
    /// in the middle of a run a refused request would never end.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/productLibrary`` if the library cannot be used;
    ///   ``SwiftletBytes/SwiftletError/Code/noMemory``.
    public func reserveProductMemory() throws(SwiftletError) {
        try ProductLibrary.reserve(threads: threads.threadCount)
    }
}
