/// The symbol of each character, in a table with pages of 256 code points of which only those in
/// use exist.
struct CharacterSymbols: Sendable {
    private let pages: FixedBuffer<UInt16>
    private let symbols: FixedBuffer<Int32>

    /// No symbol.
    static let none: Int32 = -1

    /// Creates the table of some code points, none of which is duplicate.
    init(_ entries: [(code: UInt32, symbol: Int32)]) {
        pages = FixedBuffer(repeating: 0, count: 0x1100)
        var pageCount = 1
        for (code, _) in entries where pages.start[Int(code >> 8)] == 0 {
            pages.start[Int(code >> 8)] = UInt16(pageCount)
            pageCount += 1
        }
        // Page 0 serves all code points without symbols.
        symbols = FixedBuffer(repeating: Self.none, count: pageCount * 256)
        for (code, symbol) in entries { symbols.start[Self.index(code, pages)] = symbol }
    }

    @inline(__always)
    private static func index(_ code: UInt32, _ pages: FixedBuffer<UInt16>) -> Int {
        // In bounds: code points are below 0x110000.
        Int(pages.start[Int(code >> 8)]) &* 256 &+ Int(code & 0xFF)
    }

    /// The symbol of a code point; ``none`` if it has none.
    @inline(__always)
    subscript(code: UInt32) -> Int32 { symbols.start[Self.index(code, pages)] }
}
