// Strings, numbers, truth values and null.

extension JSONReader {
    /// Reads a string.
    public mutating func readString() throws(SwiftletError) -> String {
        var text: [UInt8] = []
        try readString(into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads a string's UTF-8 bytes into `text`, replacing its contents.
    public mutating func readString(into text: inout [UInt8]) throws(SwiftletError) {
        try expect(.string)
        text.removeAll(keepingCapacity: true)
        offset += 1
        while true {
            let start = offset
            // In bounds: the loop stops at bytes.count.
            while unsafe offset < bytes.count {
                let value = unsafe bytes[offset]
                if value == UInt8(ascii: "\"") || value == UInt8(ascii: "\\") || value < 0x20
                    || value >= 0x80
                {
                    break
                }
                offset += 1
            }
            // In bounds: start <= offset <= bytes.count.
            unsafe text.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]))
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return
            case UInt8(ascii: "\\"): try readEscape(into: &text)
            case nil: throw failure("unexpected end inside a string")
            case .some(let value) where value < 0x20:
                throw failure("unescaped control character in a string")
            default: try readMultibyte(into: &text)
            }
        }
    }

    /// Reads a number, keeping its text as written.
    public mutating func readNumber() throws(SwiftletError) -> JSONNumber {
        try expect(.number)
        if let word = nonFiniteWord {
            try readWord(word)
            return JSONNumber(text: "\(word)")
        }
        let start = offset
        if byte == UInt8(ascii: "-") { offset += 1 }
        if byte == UInt8(ascii: "0") {
            offset += 1
        } else {
            try readDigits()
        }
        if byte == UInt8(ascii: ".") {
            offset += 1
            try readDigits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            offset += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { offset += 1 }
            try readDigits()
        }
        // In bounds: start <= offset <= bytes.count.
        return unsafe JSONNumber(
            text: String(
                decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self))
    }

    /// Reads a number that consists of digits alone and fits `UInt64`; otherwise reads nothing and
    /// returns nil.
    public mutating func readPlainNumber() -> UInt64? {
        skipSpace()
        var position = offset
        var value: UInt64 = 0
        // In bounds by the comparison.
        while unsafe position < bytes.count, unsafe (0x30...0x39).contains(bytes[position]) {
            let digit = unsafe UInt64(bytes[position] - 0x30)
            let (product, isLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isLarger) = product.addingReportingOverflow(digit)
            if isLarge || isLarger { return nil }
            value = sum
            position += 1
        }
        // In bounds: offset < position <= bytes.count.
        guard position > offset else { return nil }
        if unsafe position > offset + 1 && bytes[offset] == 0x30 { return nil }
        if unsafe position < bytes.count {
            let next = unsafe bytes[position]
            if next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") { return nil }
        }
        offset = position
        return value
    }

    /// Reads an integer that fits `Int`.
    ///
    /// - Throws: ``SwiftletError/Code/jsonType`` for other numbers.
    public mutating func readInt() throws(SwiftletError) -> Int {
        let start = offset
        let number = try readNumber()
        guard let value = number.int else {
            throw SwiftletError(
                .jsonType, file: file, "\(number.text) is not an integer in range",
                at: "offset \(start)")
        }
        return value
    }

    /// Reads `true` or `false`.
    public mutating func readBool() throws(SwiftletError) -> Bool {
        try expect(.bool)
        if byte == UInt8(ascii: "t") {
            try readWord("true")
            return true
        }
        try readWord("false")
        return false
    }

    /// Reads `null`.
    public mutating func readNull() throws(SwiftletError) {
        try expect(.null)
        try readWord("null")
    }

    private mutating func readDigits() throws(SwiftletError) {
        guard let first = byte, (0x30...0x39).contains(first) else {
            throw failure("expected a digit")
        }
        while let byte, (0x30...0x39).contains(byte) { offset += 1 }
    }

    private mutating func readWord(_ word: StaticString) throws(SwiftletError) {
        for index in 0..<word.utf8CodeUnitCount {
            // In bounds: index < the literal's length.
            guard unsafe byte == word.utf8Start[index] else {
                throw failure("expected a JSON value")
            }
            offset += 1
        }
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(SwiftletError) {
        offset += 1
        guard let letter = byte else { throw failure("unexpected end inside a string") }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try readHex()
            if (0xD800..<0xDC00).contains(scalar) {
                guard byte == UInt8(ascii: "\\") else { throw failure("lone surrogate") }
                offset += 1
                guard byte == UInt8(ascii: "u") else { throw failure("lone surrogate") }
                offset += 1
                let low = try readHex()
                guard (0xDC00..<0xE000).contains(low) else { throw failure("lone surrogate") }
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(scalar) else { throw failure("lone surrogate") }
            text.append(contentsOf: String(scalar).utf8)
        default:
            offset -= 1
            throw failure("unknown escape in a string")
        }
    }

    // Each digit is a call, because mutating `offset` and throwing in one loop here crashes the
    // optimizer of Swift 6.3.1.
    private mutating func readHex() throws(SwiftletError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 { value = value << 4 | UInt32(try readHexDigit()) }
        return value
    }

    @inline(never)
    private mutating func readHexDigit() throws(SwiftletError) -> UInt8 {
        let found = byte ?? 0
        let digit: UInt8
        switch found {
        case 0x30...0x39: digit = found - 0x30
        case 0x41...0x46: digit = found - 0x37
        case 0x61...0x66: digit = found - 0x57
        default: throw failure("expected four hexadecimal digits")
        }
        offset += 1
        return digit
    }

    /// Reads one character of two to four bytes, checked against Unicode's table 3-7.
    private mutating func readMultibyte(into text: inout [UInt8]) throws(SwiftletError) {
        let length = unsafe UTF8Check.length(at: offset, in: bytes)
        guard length > 0 else { throw failure("not UTF-8", code: .notUTF8) }
        // In bounds: the check read `length` bytes from `offset`.
        unsafe text.append(
            contentsOf: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
        offset += length
    }
}
