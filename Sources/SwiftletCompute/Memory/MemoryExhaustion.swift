import SwiftletBytes
import SwiftletLibc

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
    static func end(requested bytes: Int) -> Never { end(error(requested: bytes)) }

    /// Ends the process with the exit status of an error, in code that cannot throw.
    static func end(_ error: SwiftletError) -> Never {
        try? OpenFile.standardError.write(Array("error: \(error)\n".utf8))
        _exit(error.code.kind.rawValue)
    }

    /// The error of a request that the system refused.
    static func error(requested bytes: Int) -> SwiftletError {
        SwiftletError(.noMemory, "out of memory: \(bytes) bytes were refused")
    }

    /// Checks that the system would allocate `bytes` bytes now.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noMemory``.
    static func require(_ bytes: Int) throws(SwiftletError) {
        // Only address space: how much of it OpenBLAS will touch depends on the products.
        guard let pages = SystemMemory.map(bytes, isReserved: false) else {
            throw error(requested: bytes).hinting(
                "use fewer threads, or raise the limit (ulimit -v)")
        }
        SystemMemory.unmap(pages, bytes)
    }
}

extension ComputeContext {
    /// Opens OpenBLAS and makes it allocate its memory for each thread now.
    ///
    /// When the system refuses memory in the middle of a run, OpenBLAS repeats the request forever.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/productLibrary`` if the library cannot be used;
    ///   ``SwiftletBytes/SwiftletError/Code/noMemory``.
    public func reserveProductMemory() throws(SwiftletError) {
        try ProductLibrary.reserve(threads: threads.threadCount)
    }
}
