import SwiftletBytes

/// What a SentencePiece model file says: pieces, how they were trained as far as encoding depends on
/// it, how text is normalized, and samples to test the model with.
///
/// The fields are those of SentencePiece's `sentencepiece_model.proto`; `formats/sentencepiece.md`
/// lists them. ``read(path:)`` gives a file that has been checked as a whole.
struct SentencePieceFile {
    /// How text is cut into pieces; the raw values are the file's.
    enum Algorithm: UInt64 {
        case unigram = 1
        case bpe = 2
        case word = 3
        case char = 4
    }

    /// What a piece is; the raw values are the file's.
    enum PieceType: UInt64 {
        case normal = 1
        case unknown = 2
        case control = 3
        case userDefined = 4
        case unused = 5
        case byte = 6

        /// Whether text can become such a piece by its spelling.
        var isMatched: Bool { self == .normal || self == .userDefined || self == .unused }
    }

    /// A piece; its id is its place in the list.
    struct Piece {
        var spelling: ByteView = ByteView([])
        var score: Float = 0
        var type = PieceType.normal
        /// Where it begins in the file.
        var offset = 0
    }

    /// How text is made ready for the model.
    struct Normalization {
        /// What the rules are called: `identity`, `nmt_nfkc`.
        var name = ""
        /// The rules; empty: none.
        var characterMap = ByteView([])
        /// Whether a space is put before the text (or after, `whitespaceIsSuffix`).
        var addsDummyPrefix = true
        /// Whether spaces at the ends go, and runs of them become one.
        var removesExtraWhitespace = true
        /// Whether a space is written as ▁ (U+2581).
        var escapesWhitespace = true
        /// Where the rules begin in the file.
        var offset = 0
    }

    /// A text with the pieces that the model must give for it, spaces between them.
    struct Sample {
        var input: ByteView = ByteView([])
        var expected: ByteView = ByteView([])
        var offset = 0
    }

    /// The file.
    var bytes = ByteView([])
    /// Where in the file the fields stand that an engine for pieces needs: all but normalization and
    /// samples.
    var pieceRanges: [Range<Int>] = []
    var pieces: [Piece] = []
    /// The pieces' spellings and ids.
    var vocabulary = Vocabulary()
    var algorithm = Algorithm.unigram
    /// Whether a character without a piece becomes its UTF-8 bytes, each a piece `<0xNN>`.
    var hasByteFallback = false
    var whitespaceIsSuffix = false
    var normalization = Normalization()
    /// Whether decoding has rules of its own.
    var hasDenormalization = false
    var samples: [Sample] = []

    /// The bytes of ``pieceRanges``, end to end.
    var pieceFields: [UInt8] { pieceRanges.flatMap { bytes[$0].copy() } }

    /// U+2581, which stands for a space.
    static let space: [UInt8] = [0xE2, 0x96, 0x81]

    /// Whether ``space`` stands at `position` of a text.
    @inline(__always)
    static func isSpace(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
        position &+ 3 <= text.count && text[position] == 0xE2 && text[position &+ 1] == 0x96
            && text[position &+ 2] == 0x81
    }

    /// The byte that a spelling `<0xNN>` stands for, NN in capital letters as the file has it.
    static func byte(of spelling: some Collection<UInt8>) -> UInt8? {
        let spelling = Array(spelling)
        guard spelling.count == 6, spelling.starts(with: Array("<0x".utf8)),
            spelling[5] == UInt8(ascii: ">"), let high = hexDigit(spelling[3]),
            let low = hexDigit(spelling[4])
        else { return nil }
        return high << 4 | low
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
