import Synchronization

/// What operations run on: the threads, and a piece of scratch memory for each. Passed in by the
/// caller. Sessions may share a context: their operations then take turns.
public final class ComputeContext: @unchecked Sendable {
    /// The threads.
    public let threads: ThreadPool
    /// What ``product(_:_:bias:addingTo:into:)`` rounds its factors to.
    public let precision: Precision
    /// Scratch memory by thread number; each is touched by its own thread alone, inside an
    /// operation, and operations take turns (``ThreadPool/forEach(_:_:)``). That is the whole of the
    /// `@unchecked Sendable` claim.
    private let scratch: [Scratch]

    /// Memory for results between two operations of one product, to be used again.
    private let spare = Mutex<[FloatBuffer]>([])

    private final class Scratch {
        var buffer = FloatBuffer(count: 0)
    }

    /// Creates a context.
    ///
    /// - Parameters:
    ///   - threadCount: the threads that work at once; results do not depend on it.
    ///   - precision: what products round their factors to; backward passes round nothing.
    public init(
        threadCount: Int = ThreadPool.processorCount, precision: Precision = .f32
    ) {
        self.precision = precision
        threads = ThreadPool(threadCount: threadCount)
        scratch = (0..<threads.threadCount).map { _ in Scratch() }
    }

    /// At least `count` floats for the use of thread `thread` until it asks again.
    private func scratchBuffer(_ thread: Int, count: Int) -> FloatBuffer {
        if scratch[thread].buffer.count < count {
            scratch[thread].buffer = FloatBuffer(count: count)
        }
        return scratch[thread].buffer
    }

    /// A matrix in the scratch memory of a thread, with whatever the memory held before. It is the
    /// thread's own until the thread asks again.
    func scratchMatrix(_ thread: Int, rows: Int, columns: Int) -> Matrix {
        Matrix(
            scratchBuffer(thread, count: rows * columns), offset: 0, rows: rows, columns: columns,
            stride: columns)
    }

    /// A buffer of at least `count` floats, whatever they held, that is the caller's own until
    /// ``giveBack(_:)``: a fresh one for each product would cost the system's clearing of its pages.
    func takeBuffer(count: Int) -> FloatBuffer {
        spare.withLock { spare in
            guard let last = spare.popLast(), last.count >= count else {
                return FloatBuffer(count: count)
            }
            return last
        }
    }

    /// Keeps a buffer for the next ``takeBuffer(count:)``.
    func giveBack(_ buffer: FloatBuffer) {
        spare.withLock { spare in
            if spare.count < 2 { spare.append(buffer) }
        }
    }

    /// Cuts `0..<count` into pieces of `size` (the last one shorter) and works on them in parallel.
    ///
    /// The cut depends on the two numbers alone, so sums over pieces in order are reproducible.
    package func forEachPiece(
        of count: Int, size: Int,
        _ body: @escaping (_ range: Range<Int>, _ piece: Int, _ thread: Int) -> Void
    ) {
        threads.forEach((count + size - 1) / size) { piece, thread in
            body(piece * size..<min((piece + 1) * size, count), piece, thread)
        }
    }
}
