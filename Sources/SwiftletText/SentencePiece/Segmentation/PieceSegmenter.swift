/// Splits normalized text into the pieces of a SentencePiece model, for one call at a time.
protocol PieceSegmenter: AnyObject {
    /// Whether the ids alone determine the number of bytes that each covers.
    var lengthsFollowFromIDs: Bool { get }

    /// Appends the ids of a text, which is not empty.
    func segment(_ text: UnsafeBufferPointer<UInt8>, into out: IDBuffer)

    /// Appends the ids of a text, which is not empty, and the number of bytes that each covers;
    /// these add up to the length of the text.
    func segment(
        _ text: UnsafeBufferPointer<UInt8>, into out: IDBuffer, lengths: inout [Int])
}
