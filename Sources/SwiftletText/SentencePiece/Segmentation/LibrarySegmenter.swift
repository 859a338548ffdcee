/// Cuts text into pieces with an engine from outside.
final class LibrarySegmenter: PieceSegmenter {
    private let engine: any SentencePieceEngine
    private let unknown: Int32

    init(_ engine: any SentencePieceEngine, unknown: Int32) {
        self.engine = engine
        self.unknown = unknown
    }

    /// Unknown characters and the pieces of a word that is none can take any number of bytes.
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
            // A word that is spelled as a control piece; the library refuses the whole text.
            out.append(unknown)
            lengths.append(text.count)
        }
    }
}
