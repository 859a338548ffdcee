/// Cuts normalized text into the pieces of a SentencePiece model, for one call at a time.
protocol PieceSegmenter: AnyObject {
    /// Whether the ids alone say how many bytes of the text each takes.
    var lengthsFollowFromIDs: Bool { get }

    /// Appends the ids of a text, which is not empty.
    func segment(_ text: UnsafeBufferPointer<UInt8>, into out: IDBuffer)

    /// Appends the ids of a text, which is not empty, and the number of bytes of each; they add up to
    /// the text.
    func segment(
        _ text: UnsafeBufferPointer<UInt8>, into out: IDBuffer, lengths: inout [Int])
}
