/// Splits text into pieces with an engine of another module.
final class LibrarySegmenter: PieceSegmenter {
    private let engine: any SentencePieceEngine
    private let unknown: Int32

    init(_ engine: any SentencePieceEngine, unknown: Int32) {
        self.engine = engine
        self.unknown = unknown
    }

    /// False: unknown characters, and pieces of a word that is not a piece, can have any length.
    var lengthsFollowFromIDs: Bool { false }

    func segment(_ text: UnsafeBufferPointer<UInt8>, into out: IDBuffer) {
        var lengths: [Int] = []
        segment(text, into: out, lengths: &lengths)
    }

    func segment(
        _ text: UnsafeBufferPointer<UInt8>, into out: IDBuffer, lengths: inout [Int]
    ) {
        let done = engine.encode(text) { id, length in
            out.append(id)
            lengths.append(length)
        }
        if !done {
            // A word is spelled like a control piece, and the library refuses the whole text.
            out.append(unknown)
            lengths.append(text.count)
        }
    }
}
