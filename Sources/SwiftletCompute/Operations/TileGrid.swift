/// How a result of rows × columns is cut into tiles: by its shape alone, never by the number of
/// threads, so that every run cuts alike.
///
/// OpenBLAS packs both factors of a call, which costs about 12 (1/rows + 1/columns) of the product
/// itself on AVX2: large tiles waste least, while enough of them must be there to share out. A weight of
/// 16 bits is widened once for each tile of rows, which is one for the prompts of common length.
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
        // Multiples of 16 keep the vector units full in every tile but the last.
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
