/// The tokens of a file in the order in which it lists them, not yet checked to form a vocabulary.
struct VocabularyList {
    /// A token: where its bytes are in ``bytes``, how many there are, and its id.
    struct Entry: BitwiseCopyable {
        fileprivate(set) var start: Int
        /// The length; `~length`, which is negative, if the bytes are verbatim.
        ///
        /// Lengths beyond what a vocabulary allows are clamped.
        private let signedLength: Int32
        private let shortID: Int32

        fileprivate init(start: Int, length: Int, isVerbatim: Bool, id: Int) {
            let length = Int32(clamping: length)
            self.start = start
            signedLength = isVerbatim ? ~length : length
            shortID = Int32(truncatingIfNeeded: id)
        }

        var length: Int { Int(isVerbatim ? ~signedLength : signedLength) }
        /// Whether the bytes are the token's spelling, in a vocabulary whose other tokens are
        /// stored as the bytes they stand for: see ``Vocabulary/id(of:isVerbatim:)``.
        var isVerbatim: Bool { signedLength < 0 }
        var id: Int { Int(shortID) }
    }

    /// The tokens' bytes, end to end.
    ///
    /// To add a token, append its bytes here first.
    let bytes = GrowingBuffer<UInt8>()
    let entries = GrowingBuffer<Entry>()

    /// Reserves memory for the tokens of a file of `byteCount` bytes.
    ///
    /// Unused memory costs nothing, whereas a buffer that grows is copied.
    func reserve(fromBytes byteCount: Int) {
        bytes.reserve(byteCount / 2)
        entries.reserve(byteCount / 16)
    }

    /// The number of tokens.
    var count: Int { entries.count }

    /// Adds a token whose bytes are those of ``bytes`` from `start` on; its id is below 2³¹.
    func add(from start: Int, isVerbatim: Bool = false, id: Int) {
        entries.append(
            Entry(start: start, length: bytes.count - start, isVerbatim: isVerbatim, id: id))
    }

    /// Adds a token with the given bytes.
    func add(_ token: UnsafeBufferPointer<UInt8>, isVerbatim: Bool = false, id: Int) {
        let start = bytes.count
        if let base = token.baseAddress { bytes.append(base, count: token.count) }
        add(from: start, isVerbatim: isVerbatim, id: id)
    }

    /// Adds all tokens of another list.
    func add(_ other: VocabularyList) {
        let shift = bytes.count
        bytes.append(other.bytes)
        let first = entries.count
        entries.append(other.entries)
        // In bounds: the entries in use.
        for index in first..<entries.count { entries.start[index].start += shift }
    }

    /// The bytes of an entry of this list.
    func token(_ entry: Entry) -> [UInt8] {
        bytes.withElements { Array($0[entry.start..<entry.start + entry.length]) }
    }
}
