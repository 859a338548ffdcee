/// Memory for the intermediate results of a pass.
///
/// Matrices are handed out from front to back and all taken back at once, so training allocates
/// nothing after its first step. A workspace must not be used by several threads at the same time.
public final class Workspace {
    private var blocks: [FloatBuffer] = []
    private var block = 0
    private var used = 0
    /// Elements in use in all blocks.
    private var inUse = 0
    /// The largest value of `inUse` since ``reset()`` last merged the blocks.
    private var highWater = 0

    private static let smallestBlock = 1 << 20

    /// Creates an empty workspace, which allocates memory on demand.
    public init() {}

    /// Returns a matrix with arbitrary contents.
    public func matrix(rows: Int, columns: Int) -> Matrix {
        // Rounded to 16 elements, so that every matrix starts on a 64-byte boundary.
        let need = (rows * columns + 15) / 16 * 16
        while block < blocks.count, used + need > blocks[block].count {
            block += 1
            used = 0
        }
        if block == blocks.count {
            blocks.append(FloatBuffer(count: max(need, Self.smallestBlock)))
            used = 0
        }
        let matrix = Matrix(
            blocks[block], offset: used, rows: rows, columns: columns, stride: columns)
        used += need
        inUse += need
        highWater = max(highWater, inUse)
        return matrix
    }

    /// A position to which ``release(to:)`` can return.
    public struct Mark {
        fileprivate let block: Int
        fileprivate let used: Int
        fileprivate let inUse: Int
    }

    /// The current position.
    public var mark: Mark { Mark(block: block, used: used, inUse: inUse) }

    /// Takes back every matrix that was handed out after `mark`.
    public func release(to mark: Mark) {
        block = mark.block
        used = mark.used
        inUse = mark.inUse
    }

    /// Takes back every matrix, and merges several blocks into one that is large enough for all.
    public func reset() {
        if blocks.count > 1 {
            blocks = []
            blocks = [FloatBuffer(count: highWater)]
        }
        block = 0
        used = 0
        inUse = 0
    }

    /// The number of bytes allocated.
    public var byteCount: Int { blocks.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride }
}
