import CSwiftletUnicode

/// Grapheme clusters (UAX #29), as far as those of fewer than six bytes go, which is where it
/// matters: regional indicators and the consonant clusters of Indic scripts are longer.
enum GraphemeCluster {
    /// What a character is to a cluster.
    private enum Kind {
        case carriageReturn, lineFeed, control, extend, joiner, prepend, pictograph, other
        case lead, vowel, final, openSyllable, closedSyllable
    }

    /// The end of the cluster that begins at `start`, which is below `end`.
    static func end(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        var (code, length) = CheckedUTF8.decode(text, start, end)
        var position = start + length
        var kind = kind(code)
        // Whether the cluster so far ends in a pictograph and what extends it.
        var isPictograph = kind == .pictograph
        while position < end {
            (code, length) = CheckedUTF8.decode(text, position, end)
            let next = Self.kind(code)
            guard joins(kind, next, isPictograph: isPictograph) else { return position }
            isPictograph =
                next == .pictograph || isPictograph && (next == .extend || next == .joiner)
            kind = next
            position += length
        }
        return position
    }

    private static func joins(_ first: Kind, _ second: Kind, isPictograph: Bool) -> Bool {
        switch (first, second) {
        case (.carriageReturn, .lineFeed): true
        case (.carriageReturn, _), (.lineFeed, _), (.control, _): false
        case (_, .carriageReturn), (_, .lineFeed), (_, .control): false
        case (_, .extend), (_, .joiner), (.prepend, _): true
        case (.joiner, .pictograph): isPictograph
        case (.lead, .lead), (.lead, .vowel), (.lead, .openSyllable), (.lead, .closedSyllable):
            true
        case (.openSyllable, .vowel), (.openSyllable, .final), (.vowel, .vowel), (.vowel, .final):
            true
        case (.closedSyllable, .final), (.final, .final): true
        default: false
        }
    }

    private static func kind(_ code: UInt32) -> Kind {
        switch code {
        case 0x0D: return .carriageReturn
        case 0x0A: return .lineFeed
        case 0x20..<0x7F: return .other
        case 0..<0xA0, 0xAD, 0x061C, 0x180E, 0x200B, 0x200E...0x200F, 0x2028...0x202E,
            0x2060...0x206F, 0xFEFF, 0xFFF0...0xFFFB, 0x13430...0x1343F, 0x1BCA0...0x1BCA3,
            0x1D173...0x1D17A, 0xE0000...0xE001F, 0xE0080...0xE00FF, 0xE01F0...0xE0FFF:
            return .control
        case 0x200D: return .joiner
        case 0x0600...0x0605, 0x06DD, 0x070F, 0x0890...0x0891, 0x08E2, 0x0D4E, 0x110BD, 0x110CD,
            0x111C2...0x111C3, 0x113D1, 0x1193F, 0x11941, 0x11A84...0x11A89, 0x11D46, 0x11F02:
            return .prepend
        case 0x1100...0x115F, 0xA960...0xA97C: return .lead
        case 0x1160...0x11A7, 0xD7B0...0xD7C6, 0x16D63, 0x16D67...0x16D6A: return .vowel
        case 0x11A8...0x11FF, 0xD7CB...0xD7FB: return .final
        case 0xAC00...0xD7A3: return (code - 0xAC00) % 28 == 0 ? .openSyllable : .closedSyllable
        default:
            let properties = swiftlet_reference_class(code)
            if properties & UInt8(SWIFTLET_REFERENCE_EXTEND) != 0 { return .extend }
            if properties & UInt8(SWIFTLET_REFERENCE_PICTOGRAPH) != 0 { return .pictograph }
            return .other
        }
    }
}
