/// GPT-2's pattern, by hand: contractions, letters, numbers and other characters, each with one
/// space in front of them, and runs of white space that leave their last character to what follows.
enum GPT2Scanner: WordScanner {
    /// What this scanner does, as a regular expression.
    static let pattern =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    @inline(__always)
    static func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        // Most words are ASCII letters after one space or none. In bounds: 24 bytes are left, and
        // at most 1 + 16 are read, then the byte after them.
        if end &- start >= 24 {
            var position = start &+ (text[start] == 0x20 ? 1 : 0)
            var letters = asciiLetters(text + position)
            if letters > 0 {
                position &+= letters
                if letters == 8 {
                    letters = asciiLetters(text + position)
                    position &+= letters
                }
                if letters < 8, text[position] < 0x80 { return position }
            }
        }
        return anyWordEnd(text, start, end)
    }

    /// How many of the eight bytes at `text` are ASCII letters before the first that is none.
    @inline(__always)
    private static func asciiLetters(_ text: UnsafePointer<UInt8>) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let bytes = UInt64(
            littleEndian: UnsafeRawPointer(text).loadUnaligned(as: UInt64.self))
        // Lower case, seven bits a byte, so that sums stay in their byte: the high bit of
        // `fromA` says at least "a", that of `pastZ` more than "z".
        let folded = (bytes | 0x20 &* ones) & (0x7F &* ones)
        let fromA = folded &+ (0x80 - 0x61) &* ones
        let pastZ = folded &+ (0x80 - 0x7B) &* ones
        let notLetter = (~fromA | pastZ | bytes) & (0x80 &* ones)
        return notLetter.trailingZeroBitCount &>> 3
    }

    /// Every case of the pattern.
    @inline(never)
    private static func anyWordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        if text[start] == UInt8(ascii: "'") {
            let length = contraction(text, start, end)
            if length > 0 { return start + length }
        }
        var position = start
        if text[start] == 0x20 {
            position += 1
            if position == end { return end }
        }
        let (code, length) = Character8.decode(text, position, end)
        let kind = CharacterClass(code)
        if kind != .space { return runEnd(kind, text, position + length, end) }
        return spaceEnd(text, start, end)
    }

    /// The end of the run of `kind` that `position` is in.
    private static func runEnd(
        _ kind: CharacterClass, _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int
    ) -> Int {
        var position = from
        while position < end {
            let (code, length) = Character8.decode(text, position, end)
            guard CharacterClass(code) == kind else { break }
            position &+= length
        }
        return position
    }

    /// The end of the white space at `start`: all of it at the end of the text, else all but the
    /// last character, unless it is the only one.
    private static func spaceEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        var position = start
        var last = start
        while position < end {
            // Indentation goes eight spaces at a time; in bounds by the comparison.
            while end &- position >= 8,
                UnsafeRawPointer(text + position).loadUnaligned(as: UInt64.self)
                    == 0x2020_2020_2020_2020
            {
                position &+= 8
                last = position &- 1
            }
            guard position < end else { break }
            let (code, length) = Character8.decode(text, position, end)
            guard CharacterClass(code) == .space else { break }
            last = position
            position &+= length
        }
        return position == end || last == start ? position : last
    }

    /// The length of the contraction at an apostrophe; 0 if there is none.
    private static func contraction(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int
    ) -> Int {
        guard start + 1 < end else { return 0 }
        switch text[start + 1] {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return start + 2 < end && text[start + 2] == UInt8(ascii: "e") ? 3 : 0
        case UInt8(ascii: "l"):
            return start + 2 < end && text[start + 2] == UInt8(ascii: "l") ? 3 : 0
        default: return 0
        }
    }
}
