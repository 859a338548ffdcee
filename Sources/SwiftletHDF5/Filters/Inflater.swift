import SwiftletBytes

/// Decompresses deflate data (RFC 1951), with bounds on every number and on the size of the output.
struct Inflater {
    private let input: [UInt8]
    private var position: Int
    /// The unread bits, the next one lowest.
    private var bits: UInt64 = 0
    private var bitCount = 0
    private var output: [UInt8]
    private var count = 0
    private let limit: Int

    init(_ input: [UInt8], from position: Int, limit: Int) {
        (self.input, self.position, self.limit) = (input, position, limit)
        // No stream expands a byte to more than 1032.
        let most = input.count.multipliedReportingOverflow(by: ElementBuffer.deflateLimit)
        output = [UInt8](repeating: 0, count: min(limit, most.overflow ? limit : most.partialValue))
    }

    /// Returns the output; call it once, after ``run()``.
    mutating func takeOutput() -> [UInt8] {
        output.removeLast(output.count - count)
        return output
    }

    /// Decompresses all blocks.
    ///
    /// - Returns: The position after the last byte of the last block.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Deflate`` if the data are damaged or exceed
    ///   the limit.
    mutating func run() throws(SwiftletError) -> Int {
        var isLast = false
        while !isLast {
            isLast = try take(1) == 1
            switch try take(2) {
            case 0: try copyStored()
            case 1:
                let (literals, distances) = try Self.fixedCodes()
                try decode(literals, distances)
            case 2:
                let (literals, distances) = try dynamicCodes()
                try decode(literals, distances)
            default: throw ZlibStream.failure("unknown block type 3")
            }
        }
        // Whole bytes that were read ahead are given back.
        return position - bitCount / 8
    }

    private mutating func refill() {
        while bitCount <= 56, position < input.count {
            bits |= UInt64(input[position]) << UInt64(bitCount)
            position += 1
            bitCount += 8
        }
    }

    private mutating func drop(_ number: Int) throws(SwiftletError) {
        guard number <= bitCount else { throw ZlibStream.failure("the stream is truncated") }
        bits >>= UInt64(number)
        bitCount -= number
    }

    /// Reads a number of at most 16 bits.
    private mutating func take(_ number: Int) throws(SwiftletError) -> Int {
        if bitCount < number { refill() }
        let value = Int(bits & (1 << UInt64(number) - 1))
        try drop(number)
        return value
    }

    private mutating func symbol(_ code: HuffmanCode) throws(SwiftletError) -> Int {
        if bitCount < 15 { refill() }
        let entry = Int(code.table[Int(bits & (1 << UInt64(HuffmanCode.tableBits) - 1))])
        if entry != 0 {
            try drop(entry & 15)
            return entry >> 4
        }
        guard let (symbol, length) = code.slow(bits) else {
            throw ZlibStream.failure("invalid code")
        }
        try drop(length)
        return symbol
    }

    private mutating func copyStored() throws(SwiftletError) {
        try drop(bitCount % 8)
        let length = try take(16)
        guard try take(16) == length ^ 0xFFFF else {
            throw ZlibStream.failure("the lengths of a stored block disagree")
        }
        try makeRoom(length)
        for _ in 0..<length {
            output[count] = UInt8(try take(8))
            count += 1
        }
    }

    private func makeRoom(_ more: Int) throws(SwiftletError) {
        guard more <= output.count - count else {
            throw ZlibStream.failure("the output exceeds the \(limit) bytes of a chunk")
        }
    }

    private mutating func decode(
        _ literals: HuffmanCode, _ distances: HuffmanCode
    ) throws(SwiftletError) {
        while true {
            let symbol = try symbol(literals)
            if symbol < 256 {
                try makeRoom(1)
                output[count] = UInt8(symbol)
                count += 1
                continue
            }
            if symbol == 256 { return }
            guard symbol < 257 + Self.lengths.count else {
                throw ZlibStream.failure("invalid length code \(symbol)")
            }
            let (base, extra) = Self.lengths[symbol - 257]
            let length = base + (try take(extra))
            let distanceSymbol = try self.symbol(distances)
            guard distanceSymbol < Self.distances.count else {
                throw ZlibStream.failure("invalid distance code \(distanceSymbol)")
            }
            let (near, more) = Self.distances[distanceSymbol]
            let distance = near + (try take(more))
            guard distance <= count else {
                throw ZlibStream.failure("a distance of \(distance) after only \(count) bytes")
            }
            try makeRoom(length)
            for _ in 0..<length {
                output[count] = output[count - distance]
                count += 1
            }
        }
    }
}

extension Inflater {
    /// Lengths 3 to 258 by code from 257: the smallest length, and the number of extra bits that
    /// are added to it.
    private static let lengths: [(Int, Int)] =
        (0..<28).map { (code: Int) -> (Int, Int) in
            if code < 8 { return (code + 3, 0) }
            let extra = code / 4 - 1
            return ((4 + code % 4) << extra + 3, extra)
        } + [(258, 0)]

    /// Distances 1 to 32,768 by code, in the same form.
    private static let distances: [(Int, Int)] = (0..<30).map { (code: Int) -> (Int, Int) in
        if code < 4 { return (code + 1, 0) }
        let extra = code / 2 - 1
        return ((2 + code % 2) << extra + 1, extra)
    }

    /// The fixed codes (RFC 1951, 3.2.6).
    private static func fixedCodes() throws(SwiftletError) -> (HuffmanCode, HuffmanCode) {
        let lengths =
            [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112)
            + [UInt8](repeating: 7, count: 24) + [UInt8](repeating: 8, count: 8)
        return (
            try HuffmanCode(lengths, allowsIncomplete: false),
            try HuffmanCode([UInt8](repeating: 5, count: 32), allowsIncomplete: false)
        )
    }

    /// The order in which a block stores the lengths of the code for code lengths.
    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    /// Reads the codes that a block defines (RFC 1951, 3.2.7).
    private mutating func dynamicCodes() throws(SwiftletError) -> (HuffmanCode, HuffmanCode) {
        let literalCount = try take(5) + 257
        let distanceCount = try take(5) + 1
        let orderCount = try take(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else {
            throw ZlibStream.failure(
                "too many codes: \(literalCount) for literals, \(distanceCount) for distances")
        }
        var ordered = [UInt8](repeating: 0, count: 19)
        for index in 0..<orderCount { ordered[Self.order[index]] = UInt8(try take(3)) }
        let code = try HuffmanCode(ordered, allowsIncomplete: false)
        var lengths: [UInt8] = []
        while lengths.count < literalCount + distanceCount {
            let symbol = try symbol(code)
            let value: UInt8
            let times: Int
            switch symbol {
            case 16:
                guard let last = lengths.last else {
                    throw ZlibStream.failure("a repetition before the first code length")
                }
                (value, times) = (last, 3 + (try take(2)))
            case 17: (value, times) = (0, 3 + (try take(3)))
            case 18: (value, times) = (0, 11 + (try take(7)))
            default: (value, times) = (UInt8(symbol), 1)
            }
            lengths += repeatElement(value, count: times)
        }
        guard lengths.count == literalCount + distanceCount else {
            throw ZlibStream.failure("a repetition past the last code length")
        }
        guard lengths[256] > 0 else { throw ZlibStream.failure("no code for the end of block") }
        return (
            try HuffmanCode(lengths[..<literalCount], allowsIncomplete: true),
            try HuffmanCode(lengths[literalCount...], allowsIncomplete: true)
        )
    }
}
