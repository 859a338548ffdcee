/// The tables for merging characters into pieces.
///
/// Merging works on symbols. These are the pieces, by their ids, followed by the strays: characters
/// that pieces begin or end with but that are not pieces themselves.
struct PieceTables: Sendable {
    /// The symbol of each character.
    let characters: CharacterSymbols
    let merges: MergeTable
    let adjacent: AdjacentCharacters
    let vocabulary: Vocabulary
    /// The number of pieces, which is the symbol of the first stray.
    let pieceCount: Int
    /// The UTF-8 of the strays.
    let strays: [[UInt8]]
    /// The piece of each byte, for characters without a piece; nil if those are unknown.
    let bytes: FixedBuffer<Int32>?
    /// The piece for unknown characters.
    let unknown: Int32
    /// Pieces that merging may create but that are then split into the two symbols that made them.
    let unused: Set<Int32>
    /// Pieces that are taken out of the text before anything else.
    let userDefined: TokenTrie
    let userDefinedIDs: [Int32]

    /// The symbol of a character that no piece has, where its place in the text matters.
    static let unknownSymbol = Int32.max

    /// The length of a symbol's spelling; nil for ``unknownSymbol``.
    func spelledLength(_ symbol: Int32) -> Int? {
        let index = Int(symbol)
        if index < pieceCount { return vocabulary.token(of: index)?.bytes.count }
        return index - pieceCount < strays.count ? strays[index - pieceCount].count : nil
    }

    /// The symbol of a character in a text; ``CharacterSymbols/none`` if no piece has it.
    @inline(__always)
    func symbol(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int) -> (Int32, length: Int) {
        let (code, length) = CheckedUTF8.decode(text, position, end)
        return (characters[code], length)
    }
}

/// Collects pieces and merges from whatever file they come.
struct PieceTablesBuilder {
    private static let spaceSymbol: UInt32 = 0x2581

    /// Whether a space in the text means ▁.
    private let spaceIsSymbol: Bool
    /// Whether a word ends before every ▁.
    private let cutsBeforeSpace: Bool
    private let vocabulary: Vocabulary
    private var pieceCount: Int { vocabulary.count }
    private var symbols: [UInt32: Int32] = [:]
    private var strays: [[UInt8]] = []
    private let adjacent = AdjacentCharacters()

    init(_ vocabulary: Vocabulary, spaceIsSymbol: Bool, cutsBeforeSpace: Bool = false) {
        self.vocabulary = vocabulary
        self.spaceIsSymbol = spaceIsSymbol
        self.cutsBeforeSpace = cutsBeforeSpace
    }

    /// Records a piece of one character.
    mutating func add(character code: UInt32, id: Int32) { symbols[code] = id }

    /// Records that merging can create a piece with this spelling.
    func add(merged spelling: UnsafeBufferPointer<UInt8>) {
        guard let text = spelling.baseAddress else { return }
        var (first, position) = CheckedUTF8.decode(text, 0, spelling.count)
        while position < spelling.count {
            let (second, length) = CheckedUTF8.decode(text, position, spelling.count)
            if !cutsBeforeSpace || second != Self.spaceSymbol { insert(first, second) }
            first = second
            position += length
        }
    }

    /// Records two adjacent characters in every form that they can have in a text.
    private func insert(_ first: UInt32, _ second: UInt32) {
        adjacent.insert(first, second)
        guard spaceIsSymbol else { return }
        let isSpace = (first == Self.spaceSymbol, second == Self.spaceSymbol)
        if isSpace.0 { adjacent.insert(0x20, second) }
        if isSpace.1 { adjacent.insert(first, 0x20) }
        if isSpace.0, isSpace.1 { adjacent.insert(0x20, 0x20) }
    }

    /// The symbol of a character; a stray is added if it is not a piece.
    mutating func symbol(character code: UInt32) -> Int32? {
        if let known = symbols[code] { return known }
        guard let scalar = Unicode.Scalar(code),
            let fresh = Int32(exactly: pieceCount + strays.count)
        else { return nil }
        symbols[code] = fresh
        strays.append(Array(String(Character(scalar)).utf8))
        return fresh
    }

    /// Builds the tables.
    func build(
        _ merges: MergeTable, bytes: [Int32]?, unknown: Int32, unused: Set<Int32> = [],
        userDefined: [(spelling: [UInt8], id: Int32)] = []
    ) -> PieceTables {
        var entries = symbols.map { (code: $0.key, symbol: $0.value) }
        if spaceIsSymbol {
            entries.removeAll { $0.code == 0x20 }
            if let space = symbols[Self.spaceSymbol] { entries.append((0x20, space)) }
        }
        return PieceTables(
            characters: CharacterSymbols(entries), merges: merges, adjacent: adjacent,
            vocabulary: vocabulary, pieceCount: pieceCount, strays: strays,
            bytes: bytes.map { FixedBuffer($0, padding: 0) }, unknown: unknown, unused: unused,
            userDefined: TokenTrie(userDefined.map(\.spelling)),
            userDefinedIDs: userDefined.map(\.id))
    }
}
