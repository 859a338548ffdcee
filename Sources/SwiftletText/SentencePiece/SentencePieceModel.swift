/// A SentencePiece model, or a `tokenizer.json` whose BPE works like one.
final class SentencePieceModel: TokenModel {
    /// What splits normalized text into pieces.
    enum Algorithm: Sendable {
        case pairs(PieceTables)
        case library(any SentencePieceEngine, unknown: Int32)
    }

    let vocabulary: Vocabulary
    let normalizer: SentencePieceNormalizer
    let algorithm: Algorithm
    let joining: TokenJoining
    /// The byte that each id stands for; -1 if it is not a byte piece.
    private let byteOfID: FixedBuffer<Int16>
    /// Whether decoding may skip an id that was not added: control pieces and the unknown piece.
    private let isSpecial: FixedBuffer<Bool>
    /// The length of each id's piece with ▁ written as a space; meaningless where there is no such
    /// id.
    let lengths: FixedBuffer<Int32>

    /// Creates a model.
    ///
    /// - Parameters:
    ///   - vocabulary: The pieces.
    ///   - normalizer: How text is normalized.
    ///   - algorithm: How normalized text is split.
    ///   - byteOfID: The pieces that stand for bytes.
    ///   - specials: The pieces that decoding may skip.
    ///   - joining: How decoding joins pieces.
    init(
        _ vocabulary: Vocabulary, _ normalizer: SentencePieceNormalizer, _ algorithm: Algorithm,
        byteOfID: [Int32: UInt8], specials: Set<Int32> = [], joining: TokenJoining
    ) {
        self.vocabulary = vocabulary
        self.normalizer = normalizer
        self.algorithm = algorithm
        self.byteOfID = FixedBuffer(repeating: -1, count: vocabulary.count)
        isSpecial = FixedBuffer(repeating: false, count: vocabulary.count)
        for (id, byte) in byteOfID { self.byteOfID.start[Int(id)] = Int16(byte) }
        for id in specials { isSpecial.start[Int(id)] = true }
        self.joining = joining
        lengths = FixedBuffer(repeating: 0, count: vocabulary.count)
        for id in 0..<vocabulary.count {
            guard let spelling = vocabulary.token(of: id)?.bytes else { continue }
            lengths.start[id] =
                isByte(id) ? 1 : Int32(truncatingIfNeeded: Self.lengthWithSpaces(spelling))
        }
    }

    var tokenCount: Int { vocabulary.tokenCount }
    var idCount: Int { vocabulary.count }

    func id(of spelling: [UInt8]) -> Int32? { vocabulary.id(of: spelling) }

    func spelling(of id: Int) -> [UInt8]? { vocabulary.spelling(of: id) }

    func append(bytesOf id: Int, to bytes: inout [UInt8]) -> Bool {
        guard let spelling = vocabulary.token(of: id)?.bytes else { return false }
        // In bounds: the vocabulary has the id.
        if let byte = UInt8(exactly: byteOfID.start[id]) {
            bytes.append(byte)
        } else {
            Self.append(spelling, to: &bytes)
        }
        return true
    }

    func append(bytesOfAdded content: [UInt8], to bytes: inout [UInt8]) {
        content.withUnsafeBufferPointer { Self.append($0, to: &bytes) }
    }

    func isByte(_ id: Int) -> Bool {
        id >= 0 && id < byteOfID.count && byteOfID.start[id] >= 0
    }

    func isSpecial(_ id: Int) -> Bool {
        id >= 0 && id < isSpecial.count && isSpecial.start[id]
    }

    var unknown: Int32? {
        switch algorithm {
        case .pairs(let tables): tables.unknown
        case .library(_, let unknown): unknown
        }
    }

    var insertsSpace: Bool {
        normalizer.prefix != .never && !normalizer.prefixSparesSpaces
            && !normalizer.whitespaceIsSuffix
    }

    /// Appends a spelling with each ▁ as a space.
    private static func append(
        _ spelling: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]
    ) {
        var index = 0
        while index < spelling.count {
            let isSpace = SentencePieceFile.isSpace(spelling, at: index)
            bytes.append(isSpace ? 0x20 : spelling[index])
            index += isSpace ? 3 : 1
        }
    }

    /// The length of a spelling with each ▁ as a space.
    private static func lengthWithSpaces(_ spelling: UnsafeBufferPointer<UInt8>) -> Int {
        var length = 0
        var index = 0
        while index < spelling.count {
            length += 1
            index += SentencePieceFile.isSpace(spelling, at: index) ? 3 : 1
        }
        return length
    }

    func makeEncoder() -> any StretchEncoder {
        switch algorithm {
        case .pairs(let tables): SentencePieceEncoder(self, PairSegmenter(tables))
        case .library(let engine, let unknown):
            SentencePieceEncoder(self, LibrarySegmenter(engine, unknown: unknown))
        }
    }

    /// The number of bytes that the piece `id` covers at `position` of a text in which ▁ can be
    /// written as itself or as a space.
    func length(
        of id: Int32, _ text: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> Int {
        if isByte(Int(id)) { return 1 }
        var end = position
        var index = 0
        guard let spelling = vocabulary.token(of: Int(id))?.bytes else { return 0 }
        while index < spelling.count, end < text.count {
            if text[end] == 0x20, SentencePieceFile.isSpace(spelling, at: index) {
                index += 3
            } else {
                index += 1
            }
            end += 1
        }
        return end - position
    }
}
