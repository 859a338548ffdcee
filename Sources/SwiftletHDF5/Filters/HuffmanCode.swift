import SwiftletBytes

/// A prefix code of deflate (RFC 1951, 3.2.2): codes of the same length are consecutive numbers
/// that follow those of shorter lengths.
struct HuffmanCode {
    /// The length in bits up to which codes are decoded with a single table lookup.
    static let tableBits = 10

    /// For each value of the next ten bits, the symbol times 16 plus the length of its code; 0 for
    /// longer codes.
    private(set) var table: [UInt16]
    /// The number of codes of each length.
    private var counts = [Int](repeating: 0, count: 16)
    /// The symbols in the order of their codes.
    private var symbols: [UInt16] = []

    /// Creates a code from the lengths of its code words.
    ///
    /// - Parameters:
    ///   - lengths: The code length of each symbol, at most 15; 0 if the symbol is not used.
    ///   - allowsIncomplete: Whether the code may be empty or consist of a single one-bit code.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Deflate`` if the lengths do not form a
    ///   prefix code.
    init(_ lengths: some Collection<UInt8>, allowsIncomplete: Bool) throws(SwiftletError) {
        for length in lengths { counts[Int(length)] += 1 }
        let used = lengths.count - counts[0]
        counts[0] = 0
        var left = 1
        for length in 1...15 {
            left = left << 1 - counts[length]
            guard left >= 0 else { throw ZlibStream.failure("oversubscribed code lengths") }
        }
        guard left == 0 || allowsIncomplete && used <= 1 && counts[1] == used else {
            throw ZlibStream.failure("incomplete code lengths")
        }
        // The first code of each length, as an index into the symbols and as a number.
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
                // Codes arrive with their first bit lowest, so they are reversed; any bits may
                // follow.
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

    /// The symbol whose code `bits` begins with, and the length of that code, or nil if there is
    /// no such symbol.
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
