/// Text under normalization, each byte of which knows the bytes of the original that it came from.
struct AlignedBytes {
    /// The text, in UTF-8.
    var bytes: [UInt8]
    /// For each byte, where its source begins and ends in the original text.
    var sources: [Range<Int>]
}
