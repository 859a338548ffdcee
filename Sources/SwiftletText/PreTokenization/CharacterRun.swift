/// Runs of characters of one class, in a text of `end` bytes.
enum CharacterRun {
    /// The end of the run of `kind` that continues at `from`, after at most `limit` more
    /// characters.
    @inline(__always)
    static func end(
        _ kind: CharacterClass, _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int,
        atMost limit: Int = .max, by classify: (UInt32) -> CharacterClass = { CharacterClass($0) }
    ) -> Int {
        var position = from
        var left = limit
        while position < end, left > 0 {
            let (code, length) = CheckedUTF8.decode(text, position, end)
            guard classify(code) == kind else { break }
            position &+= length
            left &-= 1
        }
        return position
    }

    /// The end of the numbers that continue at `from` after one of class `first`, after at most
    /// `limit` more of them.
    ///
    /// What only `Digits` knows as a number is of another class, which the pattern divides from
    /// numbers.
    static func numbersEnd(
        _ first: CharacterClass, _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int,
        atMost limit: Int, knowsNewerNumbers: Bool
    ) -> Int {
        Self.end(.number, text, from, end, atMost: limit) { code in
            CharacterClass(code) == first
                ? CharacterClass(code, knowsNewerNumbers: knowsNewerNumbers) : .space
        }
    }

    /// A run of white space.
    struct WhiteSpace {
        var end: Int
        /// Where its last character begins.
        var last: Int
        /// The end of its last CR or LF; its beginning if it has none.
        var afterNewline: Int

        /// The end of its first word by `\s*[\r\n]+|\s+(?!\S)|\s+`.
        ///
        /// - Parameters:
        ///   - start: Where the run begins.
        ///   - isLast: Whether no text follows.
        /// - Returns: The end.
        @inline(__always)
        func firstWordEnd(from start: Int, isLast: Bool) -> Int {
            if afterNewline > start { return afterNewline }
            return isLast || last == start ? end : last
        }
    }

    /// The white space that begins at `start`.
    static func spaces(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int
    ) -> WhiteSpace {
        var position = start
        var last = start
        var afterNewline = start
        while position < end {
            // Indentation, eight spaces at a time; in bounds by the comparison.
            while end &- position >= 8,
                UnsafeRawPointer(text + position).loadUnaligned(as: UInt64.self)
                    == 0x2020_2020_2020_2020
            {
                position &+= 8
                last = position &- 1
            }
            guard position < end else { break }
            let (code, length) = CheckedUTF8.decode(text, position, end)
            guard CharacterClass(code) == .space else { break }
            last = position
            position &+= length
            if code == 0x0A || code == 0x0D { afterNewline = position }
        }
        return WhiteSpace(end: position, last: last, afterNewline: afterNewline)
    }
}
