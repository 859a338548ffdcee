/// The English contractions of the patterns: `'s`, `'t`, `'m`, `'d`, `'re`, `'ve` and `'ll`.
enum Contraction: Sendable {
    /// The pattern knows none.
    case none
    /// In lower case only.
    case lowercase
    /// In either case.
    case anyCase

    /// The length of the contraction of an apostrophe and two ASCII characters; 0 if it is none.
    @inline(__always)
    func length(_ first: UInt8, _ second: UInt8) -> Int {
        let fold: UInt8 = self == .anyCase ? 0x20 : 0
        switch first | fold {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return second | fold == UInt8(ascii: "e") ? 3 : 0
        case UInt8(ascii: "l"): return second | fold == UInt8(ascii: "l") ? 3 : 0
        default: return 0
        }
    }

    /// The length of the contraction at the apostrophe at `start`, before `end`; 0 if there is none.
    func length(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        guard self != .none, start + 1 < end else { return 0 }
        guard start + 2 < end else { return length(text[start + 1], 0) }
        // U+017F, the long s, matches "s" if case is ignored.
        if self == .anyCase, text[start + 1] == 0xC5, text[start + 2] == 0xBF { return 3 }
        return length(text[start + 1], text[start + 2])
    }
}
