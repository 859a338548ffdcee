import SwiftletBytes

/// A prefix code of deflate (RFC 1951, 3.2.2): codes of one length are consecutive numbers, and
/// follow those of the shorter lengths.
struct HuffmanCode {
    /// Codes up to this length are looked up at once.
    static let tableBits = 10

    /// By the next ten bits: the symbol times 16, plus the code's length; 0 for longer codes.
    private(set) var table: [UInt16]
    /// How many codes have each length.
    private var counts = [Int](repeating: 0, count: 16)
    /// The symbols in the order of their codes.
    private var symbols: [UInt16] = []

    /// - Parameters:
    ///   - lengths: the length of each symbol's code, 0 for none, 15 at most.
    ///   - allowsIncomplete: whether one code of one bit, or none, may stand alone.
    /// - Throws: for lengths that make no code.
    init(_ lengths: some Collection<UInt8>, allowsIncomplete: Bool) throws(SwiftletError) {
        for length in lengths { counts[Int(length)] += 1 }
        let used = lengths.count - counts[0]
        counts[0] = 0
        var left = 1
        for length in 1...15 {
            left = left << 1 - counts[length]
            guard left >= 0 else { throw ZlibStream.failure("more codes than their lengths hold") }
        }
        guard left == 0 || allowsIncomplete && used <= 1 && counts[1] == used else {
            throw ZlibStream.failure("fewer codes than their lengths hold")
        }
        // Where the codes of each length begin, as symbols and as numbers.
        var starts = [Int](repeating: 0, count: 17)
        var codes = [Int](repeating: 0, count: 17)
        for length in 1...15 {
            starts[length + 1] = starts[length] + counts[length]
            codes[length + 1] = (codes[length] + counts[length]) << 1
        }
        symbols = [UInt16](repeating: 0, count: used)
        table = [UInt16](repeating: 0, count: 1 << Self.tableBits)
        for (symbol, length) in lengths.enumerated() where length > 0 {
            let length = Int(length)
            symbols[starts[length]] = UInt16(symbol)
            starts[length] += 1
            if length <= Self.tableBits {
                // Codes come with their first bit lowest: reversed, and whatever follows.
                let code = Self.reversed(codes[length], length)
                for index in stride(from: code, to: 1 << Self.tableBits, by: 1 << length) {
                    table[index] = UInt16(symbol << 4 | length)
                }
            }
            codes[length] += 1
        }
    }

    private static func reversed(_ code: Int, _ length: Int) -> Int {
        (0..<length).reduce(0) { $0 << 1 | code >> $1 & 1 }
    }

    /// The symbol whose code `bits` begins with, and the code's length; nil if there is none.
    func slow(_ bits: UInt64) -> (symbol: Int, length: Int)? {
        var code = 0
        var first = 0
        var index = 0
        for length in 1...15 {
            code |= Int(bits >> UInt64(length - 1) & 1)
            let count = counts[length]
            if code - first < count { return (Int(symbols[index + code - first]), length) }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        return nil
    }
}
