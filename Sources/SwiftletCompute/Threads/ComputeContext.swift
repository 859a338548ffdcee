import SwiftletBytes
import Synchronization

/// The threads that operations run on, with scratch memory for each thread.
///
/// Callers pass a context to every operation. Sessions may share one; their operations then take
/// turns.
public final class ComputeContext: @unchecked Sendable {
    /// The threads.
    public let threads: ThreadPool
    /// The precision to which ``product(_:_:bias:addingTo:into:)`` rounds its factors.
    public let precision: Precision
    /// Scratch memory by thread number.
    ///
    /// Only that thread uses it, inside an operation, and operations take turns
    /// (``ThreadPool/forEach(_:_:)``); the `@unchecked Sendable` conformance rests on nothing else.
    private let scratch: [Scratch]

    private let buffers = Mutex(ProductBuffers())

    /// Buffers for intermediate results of a product.
    private struct ProductBuffers {
        /// Those that are kept for the next product.
        var spare: [FloatBuffer] = []
        /// Elements in those that are in use, now and at most.
        var lent = 0
        var mostLent = 0
    }

    private final class Scratch {
        var buffer = FloatBuffer(count: 0)
    }

    /// Creates a context.
    ///
    /// Checks once per process that OpenBLAS computes right products, and reserves its memory for
    /// each thread.
    ///
    /// - Parameters:
    ///   - threadCount: the number of threads; results do not depend on it.
    ///   - precision: the precision to which products round their factors; backward passes do not
    ///     round.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/wrongProducts``; if OpenBLAS cannot be used,
    ///   ``SwiftletBytes/SwiftletError/Code/productLibrary`` or
    ///   ``SwiftletBytes/SwiftletError/Code/noMemory``.
    public convenience init(
        threadCount: Int = ThreadPool.processorCount, precision: Precision = .f32
    ) throws(SwiftletError) {
        self.init(uncheckedThreadCount: threadCount, precision: precision)
        try reserveProductMemory()
        try Self.productCheck.get()
    }

    /// Creates a context without those checks, for tests of single operations.
    package init(uncheckedThreadCount threadCount: Int, precision: Precision = .f32) {
        self.precision = precision
        threads = ThreadPool(threadCount: threadCount)
        scratch = (0..<threads.threadCount).map { _ in Scratch() }
    }

    /// At least `count` floats for a thread, until it asks again.
    private func scratchBuffer(_ thread: Int, count: Int) -> FloatBuffer {
        if scratch[thread].buffer.count < count {
            scratch[thread].buffer = FloatBuffer(count: count)
        }
        return scratch[thread].buffer
    }

    /// A matrix with arbitrary contents in a thread's scratch memory, valid until the thread asks
    /// again.
    func scratchMatrix(_ thread: Int, rows: Int, columns: Int) -> Matrix {
        Matrix(
            scratchBuffer(thread, count: rows * columns), offset: 0, rows: rows, columns: columns,
            stride: columns)
    }

    /// Returns a buffer of at least `count` floats with arbitrary contents, to be returned by
    /// ``giveBack(_:)``.
    ///
    /// For a new buffer per product the system would have to clear pages each time.
    func takeBuffer(count: Int) -> FloatBuffer {
        buffers.withLock { buffers in
            let last = buffers.spare.popLast()
            let buffer = last.flatMap { $0.count >= count ? $0 : nil } ?? FloatBuffer(count: count)
            buffers.lent += buffer.count
            buffers.mostLent = max(buffers.mostLent, buffers.lent)
            return buffer
        }
    }

    /// Returns a buffer for reuse by ``takeBuffer(count:)``.
    func giveBack(_ buffer: FloatBuffer) {
        buffers.withLock { buffers in
            buffers.lent -= buffer.count
            if buffers.spare.count < 2 { buffers.spare.append(buffer) }
        }
    }

    /// The bytes that products have had in buffers at once, at most, and have in threads' scratch memory:
    /// what ``BlockMemory`` foretells, for tests.
    var productMemory: (buffers: Int, scratch: Int) {
        let float = MemoryLayout<Float>.stride
        return (
            float * buffers.withLock(\.mostLent), float * scratch.reduce(0) { $0 + $1.buffer.count }
        )
    }

    /// Divides `0..<count` into pieces of `size` (the last may be shorter) and processes them in
    /// parallel.
    ///
    /// The division depends only on the two numbers, so sums over the pieces in order are
    /// reproducible.
    package func forEachPiece(
        of count: Int, size: Int,
        _ body: @escaping (_ range: Range<Int>, _ piece: Int, _ thread: Int) -> Void
    ) {
        threads.forEach((count + size - 1) / size) { piece, thread in
            body(piece * size..<min((piece + 1) * size, count), piece, thread)
        }
    }
}
