import SwiftletBytes

/// The content of a SentencePiece model file: the pieces, those settings of their training that
/// affect encoding, how text is normalized, and samples to test the model with.
///
/// The fields are those of SentencePiece's `sentencepiece_model.proto`, and are listed in
/// `formats/sentencepiece.md`. ``read(path:)`` returns a file that has been checked as a whole.
struct SentencePieceFile {
    /// How text is split into pieces; raw values are those in the file.
    enum Algorithm: UInt64 {
        case unigram = 1
        case bpe = 2
        case word = 3
        case char = 4
    }

    /// The type of a piece; raw values are those in the file.
    enum PieceType: UInt64 {
        case normal = 1
        case unknown = 2
        case control = 3
        case userDefined = 4
        case unused = 5
        case byte = 6

        /// Whether text with the spelling of such a piece can become the piece.
        var isMatched: Bool { self == .normal || self == .userDefined || self == .unused }
    }

    /// A piece, whose id is its index in the list.
    struct Piece {
        var spelling: ByteView = ByteView([])
        var score: Float = 0
        var type = PieceType.normal
        /// Where it begins in the file.
        var offset = 0
    }

    /// How text is normalized.
    struct Normalization {
        /// The name of the rules: `identity`, `nmt_nfkc`.
        var name = ""
        /// The rules; empty if there are none.
        var characterMap = ByteView([])
        /// Whether a space is inserted before the text (or after it: `whitespaceIsSuffix`).
        var addsDummyPrefix = true
        /// Whether spaces at the ends are removed, and runs of spaces become one.
        var removesExtraWhitespace = true
        /// Whether a space is written as ▁ (U+2581).
        var escapesWhitespace = true
        /// Where the rules begin in the file.
        var offset = 0
    }

    /// A text, and the pieces that the model must produce for it, separated by spaces.
    struct Sample {
        var input: ByteView = ByteView([])
        var expected: ByteView = ByteView([])
        var offset = 0
    }

    /// The whole file.
    var bytes = ByteView([])
    /// The ranges of the file with the fields that an engine needs: all but normalization and
    /// samples.
    var pieceRanges: [Range<Int>] = []
    var pieces: [Piece] = []
    /// The pieces by spelling and by id.
    var vocabulary = Vocabulary()
    var algorithm = Algorithm.unigram
    /// Whether a character without a piece becomes its UTF-8 bytes, each of them a piece `<0xNN>`.
    var hasByteFallback = false
    var whitespaceIsSuffix = false
    var normalization = Normalization()
    /// Whether there are normalization rules for decoding.
    var hasDenormalization = false
    var samples: [Sample] = []

    /// The bytes of ``pieceRanges``, end to end.
    var pieceFields: [UInt8] { pieceRanges.flatMap { bytes[$0].copy() } }

    /// U+2581, which means a space.
    static let space: [UInt8] = [0xE2, 0x96, 0x81]

    /// Whether ``space`` is at `position` of a text.
    @inline(__always)
    static func isSpace(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
        position &+ 3 <= text.count && text[position] == 0xE2 && text[position &+ 1] == 0x96
            && text[position &+ 2] == 0x81
    }

    /// The byte that the spelling `<0xNN>` stands for, with NN in capital letters as in files.
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
