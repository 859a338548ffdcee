/// Memory for the intermediate results of one pass, handed out front to back and taken back all at
/// once, so that training runs in the same memory from the second step on.
///
/// Not for use by several threads at once.
public final class Workspace {
    private var blocks: [FloatBuffer] = []
    private var block = 0
    private var used = 0
    /// Elements in use now, over all blocks.
    private var inUse = 0
    /// The most elements that were in use since the last ``reset()`` that merged the blocks.
    private var highWater = 0

    private static let smallestBlock = 1 << 20

    /// An empty workspace; memory is taken as it is asked for.
    public init() {}

    /// A matrix whose contents are whatever the memory held before.
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

    /// A place to which ``release(to:)`` can go back.
    public struct Mark {
        fileprivate let block: Int
        fileprivate let used: Int
        fileprivate let inUse: Int
    }

    /// The present place.
    public var mark: Mark { Mark(block: block, used: used, inUse: inUse) }

    /// Takes back every matrix handed out since `mark`.
    public func release(to mark: Mark) {
        block = mark.block
        used = mark.used
        inUse = mark.inUse
    }

    /// Takes back everything. Several blocks become one of the size that was needed in all.
    public func reset() {
        if blocks.count > 1 {
            blocks = []
            blocks = [FloatBuffer(count: highWater)]
        }
        block = 0
        used = 0
        inUse = 0
    }

    /// The bytes held.
    public var byteCount: Int { blocks.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride }
}
