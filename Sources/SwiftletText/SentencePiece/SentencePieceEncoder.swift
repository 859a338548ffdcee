import CSwiftletUnicode

/// Encodes stretches with a SentencePiece model: normalizes them, splits them into pieces, and maps
/// these back to the bytes of the text.
final class SentencePieceEncoder: StretchEncoder {
    let out = IDBuffer(capacity: 4096)
    private let model: SentencePieceModel
    private let segmenter: any PieceSegmenter
    private var normalized = NormalizedStretch()
    /// A stretch with an inserted space.
    private var spaced: [UInt8] = []
    private var lengths: [Int] = []

    init(_ model: SentencePieceModel, _ segmenter: any PieceSegmenter) {
        self.model = model
        self.segmenter = segmenter
    }

    func reset() {
        out.removeAll()
        if spaced.capacity > 1 << 20 { spaced = [] }
        if normalized.bytes.capacity > 1 << 20 { normalized = NormalizedStretch() }
        if lengths.capacity > 1 << 20 { lengths = [] }
    }

    func encode(_ text: UnsafeBufferPointer<UInt8>, isFirst: Bool) {
        withNormalized(text, isFirst, keepsOrigins: false) { ready, _ in
            if ready.count > 0 { segmenter.segment(ready, into: out) }
        }
    }

    func encode(
        _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, offsets: inout [Range<Int>]
    ) {
        withNormalized(text, isFirst, keepsOrigins: true) { ready, prefix in
            guard ready.count > 0 else { return }
            measure(ready)
            var position = 0
            for length in lengths {
                let part = position..<position + length
                if let prefix {
                    // The inserted space has no bytes.
                    let start = min(max(part.lowerBound - prefix, 0), text.count)
                    offsets.append(start..<min(max(part.upperBound - prefix, start), text.count))
                } else {
                    offsets.append(normalized.origin(of: part))
                }
                position += length
            }
        }
    }

    /// The pieces of a text as SentencePiece lists them, separated by spaces.
    func pieces(of text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var pieces: [UInt8] = []
        out.removeAll()
        withNormalized(text, true, keepsOrigins: false) { ready, _ in
            guard ready.count > 0 else { return }
            measure(ready)
            var position = 0
            for (index, length) in lengths.enumerated() {
                if index > 0 { pieces.append(0x20) }
                // In bounds: there are as many ids as lengths.
                let id = Int(out.start[index])
                if model.isByte(id) {
                    pieces += model.spelling(of: id) ?? []
                } else {
                    for byte in ready[position..<position + length] {
                        let isSpace = byte == 0x20 && model.normalizer.escapesWhitespace
                        pieces += isSpace ? SentencePieceFile.space : [byte]
                    }
                }
                position += length
            }
        }
        out.removeAll()
        return pieces
    }

    /// Appends the ids of a text, and sets `lengths` to the number of bytes that each covers.
    private func measure(_ text: UnsafeBufferPointer<UInt8>) {
        lengths.removeAll(keepingCapacity: true)
        guard segmenter.lengthsFollowFromIDs else {
            segmenter.segment(text, into: out, lengths: &lengths)
            return
        }
        let first = out.count
        segmenter.segment(text, into: out)
        let symbolFree = model.normalizer.escapesWhitespace && !Self.hasSpaceSymbol(text)
        var position = 0
        for index in first..<out.count {
            let id = out.start[index]
            // In bounds: an id of the model.
            let length =
                symbolFree
                ? Int(model.lengths.start[Int(id)]) : model.length(of: id, text, at: position)
            lengths.append(length)
            position += length
        }
    }

    /// Whether a text contains ▁ itself.
    private static func hasSpaceSymbol(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = text.baseAddress else { return false }
        var position = 0
        while position + 3 <= text.count {
            position += swiftlet_find_byte(
                base + position, text.count - position, SentencePieceFile.space[0])
            guard position + 3 <= text.count else { return false }
            if text[position + 1] == SentencePieceFile.space[1],
                text[position + 2] == SentencePieceFile.space[2]
            {
                return true
            }
            position += 1
        }
        return false
    }

    /// Calls `body` with the normalized stretch.
    ///
    /// If that is the stretch with at most a space inserted, `body` also receives the number of
    /// bytes inserted at the beginning; otherwise it receives nil, and `normalized` has the origin
    /// of each byte.

    private func withNormalized(
        _ text: UnsafeBufferPointer<UInt8>, _ isFirst: Bool, keepsOrigins: Bool,
        _ body: (UnsafeBufferPointer<UInt8>, _ prefix: Int?) -> Void
    ) {
        let normalizer = model.normalizer
        guard normalizer.isIdentity else {
            normalizer.normalize(
                text, isFirst: isFirst, keepsOrigins: keepsOrigins, into: &normalized)
            normalized.bytes.withUnsafeBufferPointer { body($0, nil) }
            return
        }
        guard normalizer.addsSpace(to: text, isFirst: isFirst) else {
            body(text, 0)
            return
        }
        spaced.removeAll(keepingCapacity: true)
        spaced.reserveCapacity(text.count + 1)
        if !normalizer.whitespaceIsSuffix { spaced.append(0x20) }
        spaced.append(contentsOf: text)
        if normalizer.whitespaceIsSuffix { spaced.append(0x20) }
        spaced.withUnsafeBufferPointer { body($0, normalizer.whitespaceIsSuffix ? 0 : 1) }
    }
}
