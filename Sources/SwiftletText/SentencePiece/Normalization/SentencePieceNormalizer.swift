import SwiftletBytes

/// How a stretch of text is normalized for a SentencePiece model.
struct SentencePieceNormalizer: Sendable {
    /// Where a space is inserted.
    enum Prefix {
        case never
        /// Before a stretch at the beginning of the text.
        case first
        case always
    }

    var rules: CharacterMap?
    var prefix = Prefix.always
    /// Whether a stretch that begins with a space or ▁ gets none (`Metaspace`).
    var prefixSparesSpaces = false
    /// Whether the space is appended to the stretch instead.
    var whitespaceIsSuffix = false
    var removesExtraWhitespace = false
    /// Whether a space means ▁.
    var escapesWhitespace = true
    /// Whether spaces are rewritten as ▁; otherwise they stay, and the model treats them as ▁.
    var writesSpaceSymbol = false
    /// User-defined pieces, to which rules do not apply.
    var userDefined = TokenTrie.empty

    /// Whether text reaches the model unchanged, except for an inserted space.
    var isIdentity: Bool { rules == nil && !removesExtraWhitespace && !writesSpaceSymbol }

    /// Whether a space is inserted before (or after) a stretch.
    func addsSpace(to text: UnsafeBufferPointer<UInt8>, isFirst: Bool) -> Bool {
        switch prefix {
        case .never: return false
        case .first where !isFirst: return false
        case .first, .always:
            return !prefixSparesSpaces
                || !(text.first == 0x20 || text.starts(with: SentencePieceFile.space))
        }
    }

    /// Normalizes a stretch.
    func normalize(
        _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, keepsOrigins: Bool,
        into out: inout NormalizedStretch
    ) {
        out.begin(count: text.count, keepsOrigins: keepsOrigins)
        guard let base = text.baseAddress else { return }
        var userDefined = self.userDefined.matches(in: base, count: text.count)
        var position = 0
        var piece: [UInt8] = []
        if removesExtraWhitespace {
            while position < text.count {
                let next = take(base, position, text.count, &userDefined, &piece)
                guard piece == [0x20] else { break }
                position = next
            }
        }
        guard position < text.count else { return }
        let spaced = addsSpace(to: text, isFirst: isFirst)
        if spaced, !whitespaceIsSuffix { out.append(space, from: position) }
        var afterSpace = removesExtraWhitespace
        while position < text.count {
            let start = position
            position = take(base, position, text.count, &userDefined, &piece)
            let kept = afterSpace ? piece.drop { $0 == 0x20 } : piece[...]
            guard let last = kept.last else { continue }
            // The result of a rule for several characters is not one of these, even if it equals
            // one.
            let isChanged =
                kept.count != position - start
                || kept.count != CheckedUTF8.decode(base, start, text.count).length
                || !kept.elementsEqual(UnsafeBufferPointer(rebasing: text[start..<position]))
            for (index, byte) in kept.enumerated() {
                let origin = isChanged ? start : start + index
                if byte == 0x20 {
                    out.append(space, from: origin)
                } else {
                    out.append(byte, from: origin)
                }
            }
            afterSpace = removesExtraWhitespace && last == 0x20
        }
        if removesExtraWhitespace { dropSpacesAtEnd(&out) }
        if spaced, whitespaceIsSuffix { out.append(atEnd: space) }
    }

    /// What a space is written as.
    private var space: [UInt8] { writesSpaceSymbol ? SentencePieceFile.space : [0x20] }

    /// Sets `piece` to the next part of the text, normalized, and returns where that part ends.
    private func take(
        _ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int,
        _ userDefined: inout TokenMatches, _ piece: inout [UInt8]
    ) -> Int {
        piece.removeAll(keepingCapacity: true)
        if let length = userDefined.length(at: position) {
            piece.append(
                contentsOf: UnsafeBufferPointer(start: text + position, count: length))
            return position + length
        }
        if let (length, replacement) = rules?.match(text, position, end) {
            rules?.append(replacement: replacement, to: &piece)
            return position + length
        }
        let length = CheckedUTF8.decode(text, position, end).length
        piece.append(contentsOf: UnsafeBufferPointer(start: text + position, count: length))
        return position + length
    }

    private func dropSpacesAtEnd(_ out: inout NormalizedStretch) {
        while true {
            if out.bytes.last == 0x20 {
                out.dropLast(1)
            } else if escapesWhitespace, out.bytes.suffix(3).elementsEqual(SentencePieceFile.space)
            {
                out.dropLast(3)
            } else {
                return
            }
        }
    }
}
