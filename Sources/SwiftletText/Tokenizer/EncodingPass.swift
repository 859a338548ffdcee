import SwiftletBytes

/// Takes one text through a tokenizer's stages: normalization and added tokens, in the family's
/// order, then the model for the stretches between added tokens.
struct EncodingPass {
    private let tokenizer: TextTokenizer
    private let encoder: any StretchEncoder
    /// The encoder, if it normalizes text itself.
    private let general: GeneralEncoder?
    private let specialTokens: SpecialTokens
    private let wantsOffsets: Bool
    /// Where the current stretch begins in the text.
    private var position = 0
    /// For each id its range of bytes in the original text, if offsets are wanted.
    private(set) var offsets: [Range<Int>] = []

    init(
        _ tokenizer: TextTokenizer, _ encoder: any StretchEncoder,
        _ specialTokens: SpecialTokens?, wantsOffsets: Bool
    ) {
        self.tokenizer = tokenizer
        self.encoder = encoder
        general = encoder as? GeneralEncoder
        self.specialTokens = specialTokens ?? tokenizer.specialTokens
        self.wantsOffsets = wantsOffsets
    }

    /// Appends ids that are not part of the text.
    mutating func append(_ ids: [Int32]) {
        for id in ids { append(id, 0..<0) }
    }

    private mutating func append(_ id: Int32, _ range: Range<Int>) {
        encoder.out.append(id)
        if wantsOffsets { offsets.append(range) }
    }

    /// The length of a text from which on the room for its offsets is taken at once.
    ///
    /// An array that grows is there twice while it is moved. Of room that is not used, the system
    /// provides no memory.
    private static let longText = 1 << 20

    /// Appends the ids of a text in UTF-8.
    mutating func encode(_ text: UnsafeBufferPointer<UInt8>) throws(SwiftletError) {
        if wantsOffsets, text.count >= Self.longText { offsets.reserveCapacity(text.count + 8) }
        try normalize(text, at: .wholeText) { pass, text throws(SwiftletError) in
            try pass.encodeAroundTokens(text)
        }
    }

    /// Splits the text at the added tokens that are matched before normalization.
    private mutating func encodeAroundTokens(
        _ text: UnsafeBufferPointer<UInt8>
    ) throws(SwiftletError) {
        try tokenizer.added.split(text, .verbatim, specialTokens: specialTokens) {
            piece throws(SwiftletError) in
            switch piece {
            case .token(let id, let range): append(id, range)
            case .text(let range):
                let first = offsets.count
                position = range.lowerBound
                let stretch = UnsafeBufferPointer(rebasing: text[range])
                if let general {
                    try encode(stretch, general)
                    return shift(offsetsFrom: first, by: range.lowerBound)
                }
                try normalize(stretch, at: .betweenTokens) { pass, text throws(SwiftletError) in
                    try pass.encodeNormalized(text)
                }
                shift(offsetsFrom: first, by: range.lowerBound)
            }
        }
    }

    /// Calls `body` with the text, in NFC if this is the stage that normalizes, and maps the
    /// offsets that it appends back to the original text.
    private mutating func normalize(
        _ text: UnsafeBufferPointer<UInt8>, at stage: NormalizationStage,
        _ body: (inout EncodingPass, UnsafeBufferPointer<UInt8>) throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        guard tokenizer.normalization == stage,
            let changed = NFC.normalize(text, stage == .wholeText ? .unicode16 : .reference)
        else { return try body(&self, text) }
        let first = offsets.count
        try changed.bytes.withUnsafeBufferPointer { bytes throws(SwiftletError) in
            try body(&self, bytes)
        }
        changed.mapBack(&offsets[first...])
    }

    /// Splits the normalized text at the other added tokens; the model encodes the rest.
    private mutating func encodeNormalized(
        _ text: UnsafeBufferPointer<UInt8>
    ) throws(SwiftletError) {
        try tokenizer.added.split(text, .normalized, specialTokens: specialTokens) {
            piece throws(SwiftletError) in
            switch piece {
            case .token(let id, let range): append(id, range)
            case .text(let range):
                let stretch = UnsafeBufferPointer(rebasing: text[range])
                let isFirst = position == 0 && range.lowerBound == 0
                guard wantsOffsets else { return try encoder.encode(stretch, isFirst: isFirst) }
                let first = offsets.count
                try encoder.encode(stretch, isFirst: isFirst, offsets: &offsets)
                shift(offsetsFrom: first, by: range.lowerBound)
            }
        }
    }

    /// Takes a stretch through the general path.
    private mutating func encode(
        _ stretch: UnsafeBufferPointer<UInt8>, _ encoder: GeneralEncoder
    ) throws(SwiftletError) {
        var found: [Range<Int>] = []
        let wantsOffsets = self.wantsOffsets
        try encoder.encode(stretch, isFirst: position == 0, tokenizer.added, specialTokens) {
            if wantsOffsets { found.append($0.origin(of: $1.range, in: $1.piece)) }
        }
        offsets += found
    }

    private mutating func shift(offsetsFrom first: Int, by distance: Int) {
        guard distance > 0 else { return }
        for index in first..<offsets.count {
            let range = offsets[index]
            offsets[index] = range.lowerBound + distance..<range.upperBound + distance
        }
    }
}
