import CSwiftletBLAS
import CSwiftletLoader
import SwiftletBytes

extension SwiftletError.Code {
    /// The library that multiplies matrices is not installed or cannot be used.
    public static let productLibrary = Self("compute.library", .unsupported)
}

/// The library that multiplies f32 matrices of more than a few rows: OpenBLAS, or Accelerate on
/// macOS.
///
/// It is opened by name when something first computes, and never starts threads.
enum ProductLibrary {
    /// `cblas_sgemm`. Opens the library at its first use; where that fails, the process ends with an
    /// error line, because an operation cannot throw. ``load()`` finds out beforehand.
    static let multiply: swiftlet_blas_sgemm = {
        do throws(SwiftletError) {
            return try load()
        } catch {
            MemoryExhaustion.end(error)
        }
    }()

    /// Opens the library, unless it is open.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/productLibrary``,
    ///   ``SwiftletBytes/SwiftletError/Code/noMemory``.
    @discardableResult
    static func load() throws(SwiftletError) -> swiftlet_blas_sgemm {
        if !swiftlet_blas_is_loaded() {
            try MemoryExhaustion.require(openingMemory + memoryPerThread)
        }
        var failure = swiftlet_load_failure()
        guard let multiply = swiftlet_blas_load(&failure) else {
            let reason = String(cString: swiftlet_load_failure_text(&failure))
            throw SwiftletError(
                .productLibrary, "cannot multiply matrices: \(reason)",
                hint: "install OpenBLAS (Debian and Ubuntu: apt install libopenblas0-pthread)")
        }
        return multiply
    }

    /// Opens the library, and has it take its memory for `threads` threads now. OpenBLAS repeats a
    /// request that the system refuses without end, so the room is checked first.
    ///
    /// - Throws: as ``load()``.
    static func reserve(threads: Int) throws(SwiftletError) {
        try MemoryExhaustion.require(openingMemory + threads * memoryPerThread)
        try load()
        swiftlet_blas_reserve(threads)
    }

    /// What opening the library takes: 40 MB on x86-64.
    private static let openingMemory = 64 << 20
    /// What OpenBLAS takes for a thread (128 MB), and some room.
    private static let memoryPerThread = 160 << 20
}
