/// The sort key of a tensor's name, which decides the order in which shards are filled: names are
/// compared part by part between the dots, numbers by value and before words, and digits at the end of
/// a word by value (transformers 5, `dot_natural_key`).
struct NaturalOrder: Comparable {
    fileprivate enum Part {
        /// A whole number, without leading zeros.
        case number(Substring.UTF8View)
        /// A word and the digits at its end, without leading zeros.
        case word(Substring.UTF8View, Substring.UTF8View?)
    }

    private let parts: [Part]

    init(_ name: String) {
        parts = name.split(separator: ".", omittingEmptySubsequences: false).map { part in
            let bytes = part.utf8
            let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
            let last = bytes.lastIndex { !isDigit($0) }
            let start = last.map(bytes.index(after:)) ?? bytes.startIndex
            let digits = bytes[start...]
            if digits.isEmpty { return .word(bytes, nil) }
            let number = digits.drop { $0 == 0x30 }
            return start == bytes.startIndex ? .number(number) : .word(bytes[..<start], number)
        }
    }

    static func == (a: NaturalOrder, b: NaturalOrder) -> Bool {
        a.parts.count == b.parts.count
            && zip(a.parts, b.parts).allSatisfy { Part.compare($0, $1) == 0 }
    }

    static func < (a: NaturalOrder, b: NaturalOrder) -> Bool {
        for (left, right) in zip(a.parts, b.parts) {
            let order = Part.compare(left, right)
            if order != 0 { return order < 0 }
        }
        return a.parts.count < b.parts.count
    }
}

extension NaturalOrder.Part {
    /// Returns a negative number if `a` comes first, a positive one if `b` does, else 0.
    fileprivate static func compare(_ a: Self, _ b: Self) -> Int {
        switch (a, b) {
        case (.number(let a), .number(let b)): return compare(number: a, b)
        case (.number, .word): return -1
        case (.word, .number): return 1
        case (.word(let a, let i), .word(let b, let j)):
            let order = compare(bytes: a, b)
            if order != 0 { return order }
            guard let i, let j else { return i == nil ? (j == nil ? 0 : -1) : 1 }
            return compare(number: i, j)
        }
    }

    private static func compare(number a: Substring.UTF8View, _ b: Substring.UTF8View) -> Int {
        a.count != b.count ? a.count - b.count : compare(bytes: a, b)
    }

    private static func compare(bytes a: Substring.UTF8View, _ b: Substring.UTF8View) -> Int {
        a.elementsEqual(b) ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
    }
}
