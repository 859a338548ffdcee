/// The division of a result of rows × columns into tiles.
///
/// It depends only on the shape and not on the number of threads, so every run computes the same
/// tiles.
///
/// OpenBLAS packs both factors in each call, which on AVX2 costs about 12 (1/rows + 1/columns) times
/// the tile's product. So tiles are as large as possible while there are enough for all threads. A
/// 16-bit weight is widened once per tile of rows; prompts of common length have one such tile.
struct TileGrid {
    private let rows: Int
    private let columns: Int
    private let rowSize: Int
    private let columnSize: Int
    private let columnTiles: Int
    /// The number of tiles.
    let count: Int

    private static let largestRows = 768
    private static let largestColumns = 512
    private static let smallest = 128
    private static let enoughTiles = 4

    init(rows: Int, columns: Int) {
        var rowTiles = max(1, (rows + Self.largestRows - 1) / Self.largestRows)
        var columnTiles = max(1, (columns + Self.largestColumns - 1) / Self.largestColumns)
        while rowTiles * columnTiles < Self.enoughTiles {
            let (high, wide) = (rows / rowTiles, columns / columnTiles)
            guard max(high, wide) >= 2 * Self.smallest else { break }
            if high > wide { rowTiles *= 2 } else { columnTiles *= 2 }
        }
        self.rows = rows
        self.columns = columns
        // With multiples of 16 only the last tile leaves vector lanes unused.
        rowSize = max(16, ((rows + rowTiles - 1) / rowTiles + 15) / 16 * 16)
        columnSize = max(16, ((columns + columnTiles - 1) / columnTiles + 15) / 16 * 16)
        self.columnTiles = max(1, (columns + columnSize - 1) / columnSize)
        count = (rows + rowSize - 1) / rowSize * self.columnTiles
    }

    /// The rows and columns of one tile.
    subscript(index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let row = index / columnTiles * rowSize
        let column = index % columnTiles * columnSize
        return (row..<min(row + rowSize, rows), column..<min(column + columnSize, columns))
    }
}
