/// A SentencePiece model, or the BPE of a `tokenizer.json` that works as one.
final class SentencePieceModel: TokenModel {
    /// What cuts normalized text into pieces.
    enum Algorithm: Sendable {
        case pairs(PieceTables)
        case library(any SentencePieceEngine, unknown: Int32)
    }

    let vocabulary: Vocabulary
    let normalizer: SentencePieceNormalizer
    let algorithm: Algorithm
    let joining: TokenJoining
    /// The byte that each id of a byte piece stands for.
    private let byteOfID: [Int32: UInt8]
    /// Pieces that decoding can leave out although nobody added them: control pieces and the unknown.
    private let specials: Set<Int32>
    /// How many bytes each id has where ▁ is written as a space; of no meaning where there is no such
    /// id.
    let lengths: FixedBuffer<Int32>

    /// A model.
    ///
    /// - Parameters:
    ///   - byteOfID: the pieces that stand for bytes.
    ///   - specials: the pieces that decoding can leave out.
    ///   - joining: how decoding joins tokens.
    init(
        _ vocabulary: Vocabulary, _ normalizer: SentencePieceNormalizer, _ algorithm: Algorithm,
        byteOfID: [Int32: UInt8], specials: Set<Int32> = [], joining: TokenJoining
    ) {
        self.vocabulary = vocabulary
        self.normalizer = normalizer
        self.algorithm = algorithm
        self.byteOfID = byteOfID
        self.specials = specials
        self.joining = joining
        lengths = FixedBuffer(repeating: 0, count: vocabulary.count)
        var bytes: [UInt8] = []
        for id in 0..<vocabulary.count {
            bytes.removeAll(keepingCapacity: true)
            if append(bytesOf: id, to: &bytes) {
                lengths.start[id] = Int32(truncatingIfNeeded: bytes.count)
            }
        }
    }

    var tokenCount: Int { vocabulary.tokenCount }
    var idCount: Int { vocabulary.count }

    func id(of spelling: [UInt8]) -> Int32? { vocabulary.id(of: spelling) }

    func spelling(of id: Int) -> [UInt8]? { vocabulary.spelling(of: id) }

    func append(bytesOf id: Int, to bytes: inout [UInt8]) -> Bool {
        guard let spelling = vocabulary.spelling(of: id) else { return false }
        if let byte = byteOfID[Int32(truncatingIfNeeded: id)] {
            bytes.append(byte)
        } else {
            Self.append(spelling[...], to: &bytes)
        }
        return true
    }

    func append(bytesOfAdded content: [UInt8], to bytes: inout [UInt8]) {
        Self.append(content[...], to: &bytes)
    }

    func isByte(_ id: Int) -> Bool { byteOfID[Int32(truncatingIfNeeded: id)] != nil }

    func isSpecial(_ id: Int) -> Bool { specials.contains(Int32(truncatingIfNeeded: id)) }

    /// Appends a spelling with its ▁ as spaces.
    private static func append(_ spelling: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        var index = spelling.startIndex
        while index < spelling.endIndex {
            if spelling[index...].starts(with: SentencePieceFile.space) {
                bytes.append(0x20)
                index += SentencePieceFile.space.count
            } else {
                bytes.append(spelling[index])
                index += 1
            }
        }
    }

    func makeEncoder() -> any StretchEncoder {
        switch algorithm {
        case .pairs(let tables): SentencePieceEncoder(self, PairSegmenter(tables))
        case .library(let engine, let unknown):
            SentencePieceEncoder(self, LibrarySegmenter(engine, unknown: unknown))
        }
    }

    /// How many bytes the piece `id` takes at `position` of a text in which a ▁ can stand as itself
    /// or as a space.
    func length(
        of id: Int32, _ text: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> Int {
        if byteOfID[id] != nil { return 1 }
        var end = position
        var index = 0
        guard let spelling = vocabulary.spelling(of: Int(id)) else { return 0 }
        while index < spelling.count, end < text.count {
            if text[end] == 0x20, spelling[index...].starts(with: SentencePieceFile.space) {
                index += SentencePieceFile.space.count
            } else {
                index += 1
            }
            end += 1
        }
        return end - position
    }
}
