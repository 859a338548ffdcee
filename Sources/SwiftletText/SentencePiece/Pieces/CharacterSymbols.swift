/// The symbol with which each character begins: a table of code points in pages of 256, of which only
/// those that are needed are there.
struct CharacterSymbols: Sendable {
    private let pages: FixedBuffer<UInt16>
    private let symbols: FixedBuffer<Int32>

    /// No symbol.
    static let none: Int32 = -1

    /// The table of some code points, each once.
    init(_ entries: [(code: UInt32, symbol: Int32)]) {
        pages = FixedBuffer(repeating: 0, count: 0x1100)
        var pageCount = 1
        for (code, _) in entries where pages.start[Int(code >> 8)] == 0 {
            pages.start[Int(code >> 8)] = UInt16(pageCount)
            pageCount += 1
        }
        // Page 0 is that of the code points without symbols.
        symbols = FixedBuffer(repeating: Self.none, count: pageCount * 256)
        for (code, symbol) in entries { symbols.start[Self.index(code, pages)] = symbol }
    }

    @inline(__always)
    private static func index(_ code: UInt32, _ pages: FixedBuffer<UInt16>) -> Int {
        // In bounds: code points are below 0x110000.
        Int(pages.start[Int(code >> 8)]) &* 256 &+ Int(code & 0xFF)
    }

    /// The symbol of a code point, ``none`` if it has none.
    @inline(__always)
    subscript(code: UInt32) -> Int32 { symbols.start[Self.index(code, pages)] }
}
