import CSwiftletBLAS
import CSwiftletLoader
import SwiftletBytes

extension SwiftletError.Code {
    /// The library that multiplies matrices is not installed or cannot be used.
    public static let productLibrary = Self("compute.library", .unsupported)
}

/// The library for products of f32 matrices with more than a few rows: OpenBLAS, or Accelerate on
/// macOS.
///
/// It is opened by name at its first use, and never starts threads.
enum ProductLibrary {
    /// `cblas_sgemm`, which opens the library at its first use.
    ///
    /// If that fails, the process ends with an error message, because operations do not throw.
    /// ``load()`` reports the failure beforehand.
    static let multiply: swiftlet_blas_sgemm = {
        do throws(SwiftletError) {
            return try load()
        } catch {
            MemoryExhaustion.end(error)
        }
    }()

    /// Opens the library, unless it is already open.
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

    /// Opens the library and makes it allocate its memory for `threads` threads now.
    ///
    /// When the system refuses memory, OpenBLAS repeats the request forever, so the space is checked
    /// first.
    ///
    /// - Throws: The errors of ``load()``.
    static func reserve(threads: Int) throws(SwiftletError) {
        try MemoryExhaustion.require(openingMemory + threads * memoryPerThread)
        try load()
        swiftlet_blas_reserve(threads)
    }

    /// Memory that opening the library takes: 40 MB on x86-64, and some room.
    private static let openingMemory = 64 << 20
    /// Memory that OpenBLAS takes per thread: 128 MB, and some room.
    private static let memoryPerThread = 160 << 20
}
