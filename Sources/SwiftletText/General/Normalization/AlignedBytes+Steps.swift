import SwiftletBytes

extension AlignedBytes {
    /// Calls `body` with each character.
    func forEachCharacter(_ body: (UInt32) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            var position = 0
            while position < bytes.count {
                let (code, length) = CheckedUTF8.decode(base, position, bytes.count)
                body(code)
                position += length
            }
        }
    }

    /// What `change` makes of each character.
    func characters(_ change: (UInt32) -> Change) -> [Change] {
        var changes: [Change] = []
        changes.reserveCapacity(bytes.count)
        forEachCharacter { changes.append(change($0)) }
        return changes
    }

    /// The characters of a piece, each replacing itself.
    private func characters(of range: Range<Int>) -> [Change] {
        var changes: [Change] = []
        bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            var position = range.lowerBound
            while position < range.upperBound {
                let (code, length) = CheckedUTF8.decode(base, position, range.upperBound)
                changes.append(Change(code, 0))
                position += length
            }
        }
        return changes
    }

    /// The text of a piece with matches of a pattern, in order, replaced.
    func replacing(_ matches: [Range<Int>], in piece: Piece, by content: [UInt8]) -> AlignedBytes {
        var result = AlignedBytes()
        result.append(replacing: matches, in: piece, of: self, by: content)
        return result
    }

    /// Appends a piece of another text with matches of a pattern, in order, replaced; returns the
    /// piece of this text.
    @discardableResult
    mutating func append(
        replacing matches: [Range<Int>], in piece: Piece, of text: AlignedBytes, by content: [UInt8]
    ) -> Piece {
        let first = bytes.count
        var copied = piece.range.lowerBound
        for match in matches {
            append(copied..<match.lowerBound, of: text)
            append(content, before: match.upperBound, in: piece, of: text)
            copied = match.upperBound
        }
        append(copied..<piece.range.upperBound, of: text)
        return Piece(range: first..<bytes.count, original: piece.original)
    }

    /// Appends a piece of another text, which is not empty, after a prefix that has the source of
    /// the piece's first character; returns the piece of this text.
    mutating func append(
        prefix: [UInt8], before piece: Piece, of text: AlignedBytes
    ) throws(SwiftletError) -> Piece {
        var end = piece.range.lowerBound + 1
        while end < piece.range.upperBound, text.bytes[end] & 0xC0 == 0x80 { end += 1 }
        let first = piece.range.lowerBound..<end
        var changes: [Change] = []
        for scalar in String(decoding: prefix, as: UTF8.self).unicodeScalars {
            changes.append(Change(scalar.value, changes.isEmpty ? 0 : 1))
        }
        for change in text.characters(of: first) { changes.append(Change(change.code, 1)) }
        return try append(changes, part: first, in: piece, of: text)
    }

    /// Appends a piece of another text in the byte alphabet; returns the piece of this text.
    mutating func append(
        spelled piece: Piece, of text: AlignedBytes
    ) throws(SwiftletError) -> Piece {
        guard !text.hasEmptySources, !piece.original.isEmpty else {
            var changes: [Change] = []
            for byte in text.bytes[piece.range] {
                let isFirst = byte & 0xC0 != 0x80
                changes.append(
                    Change(UInt32(ByteAlphabet.codePoints[Int(byte)]), isFirst ? 0 : 1))
            }
            return try append(changes, in: piece, of: text)
        }
        // The bytes of a character have one source, which is that of each byte's spelling.
        let first = bytes.count
        for index in piece.range {
            let point = ByteAlphabet.codePoints[Int(text.bytes[index])]
            let source = text.sources[index]
            if point < 0x80 {
                append(UInt8(truncatingIfNeeded: point), source)
            } else {
                append(UInt8(truncatingIfNeeded: 0xC0 | point >> 6), source)
                append(UInt8(truncatingIfNeeded: 0x80 | point & 0x3F), source)
            }
        }
        return Piece(range: first..<bytes.count, original: piece.original)
    }
}
